"""Where jobs run: processes of this machine, or a Dask cluster. Muscle only; the truth is the ledger."""
