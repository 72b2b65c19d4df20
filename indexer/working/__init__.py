"""Preparing many files on all cores, in their order.

In: jobs (files with their bytes) and settings. Out: for each job what `preparing.prepare` gives,
in the order of the jobs; the number of processes makes no difference to it. Little work is done
here. More is handed to worker processes: plain interpreters that read jobs from a pipe. Nothing
of the calling program is imported again or forked, so that a script needs no `__main__` guard and
threads do no harm.
"""

from indexer.working.batches import Job, prepare_all

__all__ = ["Job", "prepare_all"]
