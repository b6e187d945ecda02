"""Random group buys, small enough for every corner to come up often."""

from hypothesis import strategies as st

from services.clearing.terms import ArticleTerms, Layer, Line, Rationing, Terms, Tier


@st.composite
def articles(draw, key="tea"):
    steps = draw(st.lists(st.integers(1, 8), max_size=3))
    from_units, price_minor = 1, draw(st.integers(200, 400))
    tiers = [Tier(from_units, price_minor)]
    for step in steps:
        from_units += step
        price_minor -= draw(st.integers(1, 50))
        tiers.append(Tier(from_units, price_minor))
    minimum = draw(st.integers(1, 10))
    return ArticleTerms(
        key=key,
        tiers=tuple(tiers),
        minimum_units=minimum,
        maximum_units=draw(st.none() | st.integers(minimum, 30)),
        case_size=draw(st.integers(1, 6)),
        vat_basis_points=draw(st.sampled_from([0, 700, 1900])),
        deposit_minor=draw(st.sampled_from([0, 15])),
    )


@st.composite
def terms(draw, most_articles=3):
    keys = ["tea", "rice", "oil"][: draw(st.integers(1, most_articles))]
    return Terms(
        articles=tuple(draw(articles(key=key)) for key in keys),
        rationing=draw(st.sampled_from(Rationing)),
        smallest_order_minor=draw(st.sampled_from([0, 0, 1000, 5000])),
        floor_basis_points=draw(st.sampled_from([10_000, 8000, 0])),
    )


@st.composite
def worlds(draw, most_articles=3, most_commitments=6):
    """Terms with lines: each commitment orders some articles, in one to three acts."""
    deal = draw(terms(most_articles))
    commitments = [f"c{number}" for number in range(draw(st.integers(0, most_commitments)))]
    acts = draw(st.permutations(commitments * 3))
    lines = []
    for article in deal.articles:
        prices = sorted({tier.price_minor for tier in article.tiers})
        for commitment in commitments:
            places = [place for place, actor in enumerate(acts) if actor == commitment]
            sizes = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=3))
            layers = tuple(
                Layer(place, units, tolerance)
                for place, (units, tolerance) in zip(places, sizes, strict=False)
                if units or tolerance
            )
            if layers:
                highest = draw(st.sampled_from(prices)) + draw(st.integers(0, 20))
                lines.append(Line(commitment, article.key, layers, highest))
    return deal, draw(st.permutations(lines))
