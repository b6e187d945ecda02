"""Good lines are kept, faulty ones become a sentence: one faulty line never spoils the rest."""

from collections.abc import Callable, Mapping, Set

from services.pricelists.article import ListedArticle
from services.pricelists.line import Line
from services.pricelists.problems import Fault, Problem
from services.pricelists.reading import MOST_ARTICLES, MOST_RECORDS
from services.pricelists.tables import Table, line_of

Progress = Callable[[int, int], None]
PROGRESS_STEP = 200


def silent(done: int, total: int) -> None:
    """The progress of a reading that nobody watches."""


class Gathering:
    """The articles and problems found so far; `total` is the number of the file's last line."""

    def __init__(self, total: int, on_progress: Progress) -> None:
        self.total = total
        self.on_progress = on_progress
        self.articles: list[ListedArticle] = []
        self.problems: list[Problem] = []
        self._line_of: dict[str, int] = {}
        self._records_count = 0
        self._reported = 0

    def take(self, line: Line, read: Callable[[Line], ListedArticle]) -> ListedArticle | None:
        """Read one line into an article, or into a problem; says how far the reading is."""
        self._report(line.number)
        try:
            article = read(line)
            self._refuse_repetition(article, line)
        except Fault as fault:
            self.problems.append(fault.on_line(line.number))
            return None
        if len(self.articles) == MOST_ARTICLES:
            raise Fault("too-many-lines", limit=MOST_ARTICLES)
        self.articles.append(article)
        self.problems.extend(line.notes)
        return article

    def take_all(
        self,
        table: Table,
        places: Mapping[str, int],
        texts: Set[str],
        read: Callable[[Line], ListedArticle],
        *,
        point: str | None,
    ) -> None:
        """Read every line of a table with named columns; raises Fault where the file is cut off."""
        for record in table.records():
            try:
                line = line_of(record, table, places, texts, point=point)
            except Fault as fault:
                if fault.code == "cut-off":
                    raise
                self.leave_out(fault, record.number)
            else:
                self.take(line, read)
        self.finish()

    def leave_out(self, fault: Fault, number: int) -> None:
        self._report(number)
        self.problems.append(fault.on_line(number))

    def finish(self) -> None:
        """The reading has come to its end; a list without any line about an article is refused."""
        self.on_progress(self.total, self.total)
        if not self.articles and not self.problems:
            raise Fault("no-articles")

    def _refuse_repetition(self, article: ListedArticle, line: Line) -> None:
        first = self._line_of.setdefault(article.order_number, line.number)
        if first != line.number:
            raise Fault(
                "duplicate",
                column=line.label("order_number"),
                order_number=article.order_number,
                first_line=first,
            )

    def _report(self, number: int) -> None:
        self._records_count += 1
        if self._records_count > MOST_RECORDS:
            raise Fault("too-many-lines", limit=MOST_RECORDS)
        if number - self._reported >= PROGRESS_STEP:
            self._reported = number
            self.on_progress(number, self.total)
