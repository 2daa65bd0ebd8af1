"""Which relations an SQL text writes, as far as its words say. Knows no dialect: what it can't tell is None."""

import re

WORDS = r"""
    (?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z)%s)
  | (?P<text>'(?:[^'%s]|''%s)*(?:'|\Z)|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
  | (?P<quoted>"(?:[^"]|"")*"|`[^`]*`)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<mark>.)
"""


def tokens_of(backslash, slashes):
    comment = r"|//[^\n]*" if slashes else ""
    text = (r"\\", r"|\\.") if backslash else ("", "")
    return re.compile(WORDS % (comment, *text), re.VERBOSE | re.DOTALL)


# A backslash escapes a quote in some warehouses, and `//` begins a comment in some.
DIALECTS = {(b, s): tokens_of(b, s) for b in (False, True) for s in (False, True)}

# A text without these words writes nothing.
VERBS = "insert update delete merge truncate drop create alter copy call exec import".split()
MODIFIERS = set(
    "or replace temp temporary transient local global volatile secure recursive materialized dynamic "
    "hybrid iceberg external unlogged persistent event".split()
)
NO_VERB_AFTER = {"then", "do", "for", "on", "as", "."}
STATEMENT_BEGINS_AFTER = {None, ";", ")", "", "begin", "then", "else", "do", "loop", "declare"}


def written_by(sql):
    """What a text writes, in order and with repeats: lists of name parts in lower case, and None for anything."""
    lower = sql.lower()
    if not any(verb in lower for verb in VERBS):
        return []
    found = []
    for backslash in {False, "\\" in sql}:
        for slashes in {False, "//" in sql}:
            # Of several readings of a text, the one that sees more counts.
            found = max(found, list(Text(DIALECTS[backslash, slashes], sql).written()), key=weight)
    return found


def is_only_a_write(sql):
    """Whether a text is one statement that writes and gives nothing back."""
    return re.search(r"\breturning\b|;\s*\S", sql, re.IGNORECASE) is None


def copies_out(sql, folder):
    """Whether a text may copy rows to a place that is not below `folder` (None: to any place)."""
    if re.search(r"\bcopy\b|\bexport\s+database\b", sql, re.IGNORECASE) is None:
        return False
    places = re.findall(r"\bto\s+'((?:[^']|'')*)'|\bexport\s+database\s+(\S+)", sql, re.IGNORECASE)
    return any(folder is None or database or not place.startswith(folder) for place, database in places)


def weight(written):
    return None in written, len(written)


class Text:
    """The words of an SQL text."""

    def __init__(self, tokens, sql):
        self.words = []
        for match in tokens.finditer(sql):
            if match.group("skip") is None:
                text = match.group()
                # A name in quotes is no keyword. A text is neither.
                keyword = text.lower() if match.group("word") or match.group("mark") else ""
                name = match.group("word") or (match.group("quoted") and text[1:-1])
                self.words.append((keyword, name and name.lower()))

    def word(self, at):
        """The keyword or mark at a position; "" for a name in quotes and a text; None before and after all."""
        return self.words[at][0] if 0 <= at < len(self.words) else None

    def written(self):
        for at, (keyword, _) in enumerate(self.words):
            verb = getattr(self, "on_" + keyword, None)
            if verb is not None and "." not in (self.word(at - 1), self.word(at + 1)):
                yield from verb(at)

    def past(self, at, *words):
        """The position after these words, if they are there; else `at`."""
        here = all(self.word(at + n) == word for n, word in enumerate(words))
        return at + len(words) if here else at

    def past_modifiers(self, at):
        while self.word(at) in MODIFIERS:
            at += 1
        return at

    def name(self, at):
        """The parts of the name at a position, as the only item; [None] if it is computed; [] if there is none."""
        if self.word(at) in ("identifier", "table") and self.word(at + 1) == "(":
            return [None]
        parts = []
        while at < len(self.words) and self.words[at][1] is not None:
            parts.append(self.words[at][1])
            if self.word(at + 1) != ".":
                break
            at += 2
        return [parts] if parts else []

    def is_verb(self, at):
        return self.word(at - 1) not in NO_VERB_AFTER

    def on_insert(self, at):
        if not self.is_verb(at) or self.word(at + 1) == "(":
            return []
        if self.word(at + 1) in ("all", "first"):
            return [None]
        at = self.past(at + 1, "overwrite")
        if self.word(at) == "or":
            at += 2
        return self.name(at + 1) if self.word(at) == "into" else []

    def on_update(self, at):
        return self.name(self.past(at + 1, "only")) if self.is_verb(at) else []

    def on_delete(self, at):
        return self.name(at + 2) if self.is_verb(at) and self.word(at + 1) == "from" else []

    def on_merge(self, at):
        return self.name(at + 2) if self.word(at + 1) == "into" else []

    def on_truncate(self, at):
        at = self.past(at + 1, "table")
        return [] if self.word(at) == "(" else self.name(self.past(at, "if", "exists"))

    def on_create(self, at):
        end = self.past_modifiers(at + 1)
        modifiers = {self.word(each) for each in range(at + 1, end)}
        # A temporary table is seen by its own session only.
        return [] if modifiers & {"temp", "temporary"} else self.relation(end, "replace" in modifiers)

    def on_drop(self, at):
        return self.relation(self.past_modifiers(at + 1), True)

    def on_alter(self, at):
        at = self.past_modifiers(at + 1)
        found = self.relation(at, False)
        while self.word(at) not in (None, ";"):
            if (self.word(at), self.word(at + 1)) in (("rename", "to"), ("swap", "with")):
                found = found + self.name(at + 2)
            at += 1
        return found

    def relation(self, at, replaces):
        """The table or view that is created, dropped or altered here. A schema takes its tables along."""
        if self.word(at) in ("schema", "database"):
            return [None] if replaces else []
        if self.word(at) not in ("table", "view"):
            return []
        at = self.past(at + 1, "if", "not", "exists")
        return self.name(self.past(at, "if", "exists"))

    def on_copy(self, at):
        if not self.begins(at):
            return []
        if self.word(at + 1) == "into":
            return self.name(at + 2)
        if self.word(at + 1) == "from":
            return [None]
        to = at
        while self.word(to) not in (None, ";", "from", "to"):
            to += 1
        # `copy (select … from …) to` reads.
        return self.name(at + 1) if self.word(to) == "from" and self.word(at + 1) != "(" else []

    def begins(self, at):
        return self.word(at - 1) in STATEMENT_BEGINS_AFTER

    def on_call(self, at):
        return [None] if self.begins(at) else []

    on_execute = on_exec = on_import = on_undrop = on_call
