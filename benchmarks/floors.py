"""Bare floors: what a page or an act costs in this web framework when it does next to nothing.

Reading is one indexed query and a small template; joining is one conditional update and one
insert by whoever the signed cookie names. They share the tables, the pool and the process
model of what they are compared with.
"""

import os

from flask import Flask, Response, redirect, render_template, request, session
from sqlalchemy import Connection, create_engine, text

LIST = """<!doctype html><title>Deals</title><ul>
{% for deal in deals %}<li><a href="/group-buys/{{ deal.slug }}">{{ deal.title }}</a>
{{ deal.place_name }}, {{ deal.progress_basis_points }}, {{ deal.closes_at }}</li>{% endfor %}
</ul>"""
ONE = """<!doctype html><title>{{ deal.title }}</title><h1>{{ deal.title }}</h1>
<p>{{ deal.summary }}</p><p>{{ deal.description }}</p><p>{{ deal.closes_at }}</p>"""
COLUMNS = "id, slug, title, summary, description, place_name, progress_basis_points, closes_at"
OPEN = "state = 'open' AND visibility = 'public'"
CLOSING = text(f"SELECT {COLUMNS} FROM collaborations WHERE {OPEN} ORDER BY closes_at, id LIMIT 24")
BY_SLUG = text(f"SELECT {COLUMNS} FROM collaborations WHERE slug = :slug")
MATCHING = text(
    f"SELECT {COLUMNS} FROM collaborations "
    f"WHERE {OPEN} AND search @@ plainto_tsquery('pg_catalog.simple', :words) LIMIT 24"
)
TAKE = text(
    "UPDATE floor_deals SET units = units + 1 WHERE id = :deal AND units + 1 <= maximum_units"
)
KEEP = text("INSERT INTO floor_commitments (deal_id, member_id) VALUES (:deal, :member)")
TABLES = """
CREATE TABLE IF NOT EXISTS floor_deals (id bigint PRIMARY KEY, units integer NOT NULL,
    maximum_units integer NOT NULL);
CREATE TABLE IF NOT EXISTS floor_commitments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deal_id bigint NOT NULL REFERENCES floor_deals, member_id bigint NOT NULL);
INSERT INTO floor_deals SELECT id, 0, 1000000 FROM collaborations ON CONFLICT DO NOTHING;
"""


def build(connection: Connection) -> None:
    """The two tables that joining at the floor writes to, one row for each deal."""
    connection.exec_driver_sql(TABLES)


def create_app(database_url: str = "", secret_key: str = "") -> Flask:
    url = database_url or os.environ["DATABASE_URL"]
    app = Flask(__name__)
    app.secret_key = secret_key or os.environ["SECRET_KEY"]
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), pool_size=10, max_overflow=10
    )
    app.extensions["engine"] = engine
    # Compiled once, as templates in files are.
    many, one = app.jinja_env.from_string(LIST), app.jinja_env.from_string(ONE)

    @app.get("/group-buys")
    def browse() -> str:
        words = request.args.get("q")
        with engine.connect() as connection:
            query, facts = (MATCHING, {"words": words}) if words else (CLOSING, {})
            deals = connection.execute(query, facts).all()
        return render_template(many, deals=deals)

    @app.get("/group-buys/<slug>")
    def show(slug: str) -> str:
        with engine.connect() as connection:
            deal = connection.execute(BY_SLUG, {"slug": slug}).one()
        return render_template(one, deal=deal)

    @app.post("/group-buys/deal-<int:deal>/commitments")
    def join(deal: int) -> Response:
        with engine.begin() as connection:
            if connection.execute(TAKE, {"deal": deal}).rowcount != 1:
                return Response("sold out", 409)
            connection.execute(KEEP, {"deal": deal, "member": session["member_id"]})
        return redirect(f"/group-buys/deal-{deal}", 303)  # type: ignore[return-value]

    return app
