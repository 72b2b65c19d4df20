"""From a query to results: plan, matching, scores, marks, facets, suggestions."""
