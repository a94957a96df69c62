"""Charts of a workbook: the figures as a block of cells, and a chart of the spreadsheet itself beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimizer.export.charts import Chart

_ROWS_OF_A_CHART = 22
_SIZE = {"width": 760, "height": 400}
_GAP = 2  # columns between figures and chart
_NUMBER = "#,##0.00##"


def draw(book: Any, sheet: Any, charts: Sequence[Chart], title: Any) -> None:
    """Writes each chart with its figures, one below the other."""
    heading = book.add_format({"bold": True, "bottom": 1})
    number = book.add_format({"num_format": _NUMBER})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 12, 14)
    row = 0
    for chart in charts:
        sheet.write_string(row, 0, f"{chart.title} ({chart.unit})", title)
        _block(sheet, row + 1, chart, heading, number)
        sheet.insert_chart(row, len(chart.figures.columns) + _GAP, _chart(book, sheet.name, row + 1, chart))
        row += max(len(chart.figures) + 4, _ROWS_OF_A_CHART)


def _block(sheet: Any, row: int, chart: Chart, heading: Any, number: Any) -> None:
    for at, column in enumerate(chart.figures.columns):
        sheet.write_string(row, at, str(column), heading)
        for below, value in enumerate(chart.figures[column].tolist(), start=row + 1):
            if at == 0:
                sheet.write_string(below, at, str(value))
            else:
                sheet.write_number(below, at, float(value), number)


def _chart(book: Any, sheet: str, row: int, chart: Chart) -> Any:
    first, last = row + 1, row + len(chart.figures)
    if chart.kind == "stacked":
        drawn = book.add_chart({"type": "column", "subtype": "stacked"})
    else:
        drawn = book.add_chart({"type": "bar"})
        drawn.set_y_axis({"reverse": True})
    for at in range(1, len(chart.figures.columns)):
        drawn.add_series(
            {
                "name": [sheet, row, at],
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, at, last, at],
            }
        )
    drawn.set_title({"name": f"{chart.title} ({chart.unit})", "name_font": {"size": 12}})
    drawn.set_legend({"position": "bottom"})
    drawn.set_size(_SIZE)
    return drawn
