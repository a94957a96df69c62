"""Charts of a workbook: the figures as a block of cells, and a chart of the spreadsheet itself beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimizer.export.charts import Chart

_WIDTH = 1200  # pixels
_HEIGHT, _HEIGHT_OF_A_BAR, _HEIGHT_AROUND = 460, 20, 120
_PIXELS_OF_A_ROW = 20
_NUMBER = "#,##0.00"
_WITH_CELLS = {"object_position": 1}  # rows are not equally high in every program; the chart stays above its figures


def draw(book: Any, sheet: Any, charts: Sequence[Chart], title: Any) -> None:
    """Writes each chart with its figures below, one chart below the other."""
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": _NUMBER})
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 20, 11)
    sheet.set_portrait()
    sheet.hide_gridlines()
    row, breaks = 0, []
    for chart in charts:
        height = _height(chart)
        figures = row + 2 + height // _PIXELS_OF_A_ROW
        sheet.write_string(row, 0, f"{chart.title} ({chart.unit})", title)
        _block(sheet, figures, chart, heading, number)
        sheet.insert_chart(row + 1, 0, _chart(book, sheet.name, figures, chart, height), _WITH_CELLS)
        row = figures + len(chart.figures) + 3
        breaks.append(row)
    sheet.set_h_pagebreaks(breaks[:-1])


def _height(chart: Chart) -> int:
    return _HEIGHT if chart.kind == "stacked" else _HEIGHT_AROUND + _HEIGHT_OF_A_BAR * len(chart.figures)


def _block(sheet: Any, row: int, chart: Chart, heading: Any, number: Any) -> None:
    for at, column in enumerate(chart.figures.columns):
        sheet.write_string(row, at, str(column), heading)
        for below, value in enumerate(chart.figures[column].tolist(), start=row + 1):
            if at == 0:
                sheet.write_string(below, at, str(value))
            else:
                sheet.write_number(below, at, float(value), number)


def _chart(book: Any, sheet: str, row: int, chart: Chart, height: int) -> Any:
    first, last = row + 1, row + len(chart.figures)
    if chart.kind == "stacked":
        drawn = book.add_chart({"type": "column", "subtype": "stacked"})
        drawn.set_y_axis({"name": chart.unit, "num_format": "#,##0", "major_gridlines": _FAINT})
    else:
        drawn = book.add_chart({"type": "bar"})
        drawn.set_y_axis({"reverse": True, "interval_unit": 1, "major_gridlines": {"visible": False}})
        drawn.set_x_axis({"name": chart.unit, "num_format": "#,##0", "min": 0, "major_gridlines": _FAINT})
    for at in range(1, len(chart.figures.columns)):
        drawn.add_series(
            {
                "name": [sheet, row, at],
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, at, last, at],
                "gap": 60,
            }
        )
    drawn.set_title({"name": f"{chart.title} ({chart.unit})", "name_font": {"size": 12}})
    drawn.set_legend({"position": "bottom"} if chart.kind == "stacked" else {"none": True})
    drawn.set_size({"width": _WIDTH, "height": height})
    return drawn


_FAINT = {"visible": True, "line": {"color": "#D9D9D9"}}
