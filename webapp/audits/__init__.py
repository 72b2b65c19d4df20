"""Audits on the web: `/audit` and the pages below it.

In: terms or a query, and what to show of it. Out: pages and downloads whose every number stands
beside what it is a number of. Refuses, with one line and status 400, what can't be counted.

    forms        what these pages are asked
    answers      what the index answers, kept for those who leaf through it
    matrix       terms by places, as a heat map
    codes        barcodes: where in a place a term stands
    pages        the pages
    downloads    the same answers as files
    operations   the same answers as JSON, for the API
"""
