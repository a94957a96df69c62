"""An answer as files: tables for other programs, a workbook for readers, the program for other solvers."""

from optimizer.export.files import FORMATS, export

__all__ = ["FORMATS", "export"]
