"""From a query to results: plan, matching, ranking, marks, facets."""
