"""A program that submits one job to an engine and waits; tests kill it. Prints what the job tells first."""

import sys
import threading

from tests.engines import jobs


def main(kind, address, job):
    if kind == "local":
        from api.engines.local import LocalEngine

        engine = LocalEngine(1)
    else:
        from api.engines.dask import DaskEngine

        engine = DaskEngine(address)
        while not engine.slots:
            pass
    engine.submit(getattr(jobs, job), None, "a", hear=lambda news: print(news[1], flush=True))  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
