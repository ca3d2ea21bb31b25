"""The set-up screens described once, without a word about either admin; both doors generate theirs from here."""
