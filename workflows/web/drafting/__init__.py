"""Drafting at the desk: sections as data, their forms, the merging of answers, the legal basis."""
