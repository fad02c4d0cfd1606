#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Breaks scenario files in many ways and has both the parser and the JSON Schema judge them.

    mutate.py --judge PROGRAM --schema FILE --sweep SEED [--count N] [--seed N] [--keep DIR] SEED...

Half of the files come from the first scenario of the sweep's seed, text by text.

Both must agree about each file, with two exceptions, in which the schema may be content with what the
parser refuses:

  yaml       duplicate keys (by case alone as well), anchors, aliases, tags, merge keys, a ` #` that cuts a
             text short, an empty value where a quoted empty text may stand
  reference  names of statuses and stop codes that kldr does not know; modules, services, routines,
             imports and work items that do not exist; duplicate export names and ordinals, ordinals
             below the base; DATA values without an export; two keys for one file; ambiguous base names;
             kernel images in counts, imports and state; expectations of another action; boot not first,
             shutdown not last, steps behind a bugcheck, close without open, files created twice or
             missing; scenarios of one name

What is not YAML at all is refused by both. Scalars are loaded as text (yaml.BaseLoader).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

PLAIN_SAFE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.!$+/()=@- ")


class Text:
    def __init__(self, text, raw=None):
        self.text = text
        self.raw = raw  # written as it is, when not None
        self.prefix = ""


class List:
    def __init__(self, items):
        self.items = items
        self.prefix = ""


class Map:
    def __init__(self, pairs=()):
        self.pairs = [Pair(self, key, value) for key, value in pairs]
        self.prefix = ""


class Pair:
    """A key (0) and its value (1), which knows the map it is in. No two pairs are equal."""

    def __init__(self, owner, key, value):
        self.owner = owner
        self.parts = [key, value]

    def __getitem__(self, index):
        return self.parts[index]

    def __setitem__(self, index, value):
        self.parts[index] = value


def from_yaml(node):
    if isinstance(node, yaml.MappingNode):
        return Map([(from_yaml(k), from_yaml(v)) for k, v in node.value])
    if isinstance(node, yaml.SequenceNode):
        return List([from_yaml(item) for item in node.value])
    return Text(node.value, "" if node.value == "" and node.style is None else None)


def copy(node):
    if isinstance(node, Map):
        result = Map([(copy(pair[0]), copy(pair[1])) for pair in node.pairs])
    elif isinstance(node, List):
        result = List([copy(item) for item in node.items])
    else:
        result = Text(node.text, node.raw)
    result.prefix = node.prefix
    return result


# ---- writing ----


def scalar(node):
    if node.raw is not None:
        return node.prefix + node.raw
    text = node.text
    plain = (
        text
        and set(text) <= PLAIN_SAFE
        and text[0] not in "!@-= "
        and text[-1] != " "
    )
    if plain:
        return node.prefix + text
    return node.prefix + json.dumps(text, ensure_ascii=True).replace("\\/", "/")


def flow(node):
    if isinstance(node, Map):
        return node.prefix + "{ " + ", ".join(f"{flow(p[0])}: {flow(p[1])}" for p in node.pairs) + " }"
    if isinstance(node, List):
        return node.prefix + "[" + ", ".join(flow(item) for item in node.items) + "]"
    return scalar(node)


def block(node, indent, rng):
    """Lines of a value that begins on a line of its own, or one line to follow a key."""
    pad = " " * indent
    if isinstance(node, Map) and node.pairs and rng.random() < 0.8:
        lines = []
        for pair in node.pairs:
            lines += entry(pad + flow(pair[0]) + ":", pair[1], indent + 2, rng)
        return lines, node.prefix
    if isinstance(node, List) and node.items and rng.random() < 0.7:
        lines = []
        for item in node.items:
            lines += entry(pad + "-", item, indent + 2, rng)
        return lines, node.prefix
    return None, flow(node)


def entry(head, value, indent, rng):
    lines, first = block(value, indent, rng)
    if lines is None:
        return [f"{head} {first}".rstrip(" ")]
    return [f"{head} {first}".rstrip(" ")] + lines


def document(node, rng):
    lines, first = block(node, 0, rng)
    return "\n".join([first] if lines is None else ([first] if first else []) + lines) + "\n"


# ---- mutations: each changes a document in place and answers whether it could ----


def nodes(root):
    """Every value with the place it stands in: (container, index, is_key)."""
    found = []
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Map):
            for pair in node.pairs:
                found.append((pair, 0))
                found.append((pair, 1))
                stack.append(pair[1])
        elif isinstance(node, List):
            for index, item in enumerate(node.items):
                found.append((node.items, index))
                stack.append(item)
    return found


def pick(rng, places, test):
    fitting = [place for place in places if test(place[0][place[1]], place)]
    return rng.choice(fitting) if fitting else None


def typo(rng, node):
    text = node.text if isinstance(node, Text) else ""
    if not text:
        return "x"
    at = rng.randrange(len(text))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyzABC0123456789_!.@#= ")
    kind = rng.randrange(5)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + letter + text[at:]
    if kind == 2:
        return text[:at] + letter + text[at + 1 :]
    if kind == 3 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text.swapcase()


NUMBERS = [
    "0", "1", "7", "007", "00", "0x0", "0x10", "0X1f", "0x", "-1", "+1", "1.5", "1e3", "0b1", "1_000",
    "8", "9", "255", "65535", "65536", "0xFFFF", "0x10000", "0x0000FFFF", "4294967295", "4294967296",
    "0xFFFFFFFF", "0x100000000", "18446744073709551615", "18446744073709551616",
    "0xFFFFFFFFFFFFFFFF", "0x10000000000000000", "99999999999999999999999", "0xc000019d",
    "0x0C000019D", "STATUS_SUCCES", "STATUS_SUCCESS", "any", "absent", "true", "True", "false", "yes",
    "no", "null", "~",
]  # fmt: skip

TEXTS = [
    "Name", "Name @7", "Name @0", "Name @65536", "Name @7 NONAME", "Name NONAME", "Name DATA @7",
    "Name = a.b", "Name=a.b @3", "Name = .b", "Name = a.", "Name = ab", "Name = a.b.c DATA PRIVATE",
    "Name PRIVATE DATA", "Name DATA DATA", "@7", "@Fast@8", "#7", "#x", "#65536", "= a.b", "Name @ 7",
    "Name @7 @8", " Name ", "Name @00", "Name @007", "Name@7", "a!b", "a!", "!b", "a!b!c", "ab",
    "a+0x1", "a+1", "a+0x123456789", "+0x1", "a+b+0X1", "\\", "\\a\\", "\\a\\b.sys", "a\\b", "a/b", "C:x",
    "\\??\\C:\\x\\b.sys", "image.mapped", "image.mapped ", "image.mapped a.sys", "image.maped a.sys",
    "image_mapped", "step.end now", "a\tb", "a\nb", "a\x01b", "a\x7fb", "a\x85b", "\u00e9.sys", " ",
    "documented", "nt52", "nt53", "NT52", "loaded", "resident", "second-copy", "IRP_MJ_PNP",
]  # fmt: skip


def mutate_delete(rng, root, places):
    place = pick(rng, places, lambda node, at: True)
    container = place[0]
    if isinstance(container, Pair):
        container.owner.pairs.remove(container)
    else:
        del container[place[1]]
    return True


def mutate_key(rng, root, places):
    place = pick(rng, places, lambda node, at: isinstance(at[0], Pair) and at[1] == 0)
    place[0][0] = Text(typo(rng, place[0][0]))
    return True


def mutate_text(rng, root, places):
    place = pick(rng, places, lambda node, at: isinstance(node, Text))
    place[0][place[1]] = Text(typo(rng, place[0][place[1]]))
    return True


def mutate_known_text(rng, root, places):
    place = pick(rng, places, lambda node, at: isinstance(node, Text))
    place[0][place[1]] = Text(rng.choice(NUMBERS if rng.random() < 0.5 else TEXTS))
    return True


def mutate_empty(rng, root, places):
    place = pick(rng, places, lambda node, at: True)
    place[0][place[1]] = rng.choice([Text("", ""), Text(""), Map(), List([])])
    return True


def mutate_type(rng, root, places):
    place = pick(rng, places, lambda node, at: not (isinstance(at[0], Pair) and at[1] == 0))
    node = place[0][place[1]]
    choices = [Text("7"), Text("x"), List([node]), List([copy(node), node]), wrap(Text("x"), node)]
    if isinstance(node, List) and node.items:
        choices += [node.items[0], node.items[0]]
    if isinstance(node, Map) and node.pairs:
        choices += [node.pairs[0][1], List([copy(node)]), List([copy(pair[1]) for pair in node.pairs])]
    place[0][place[1]] = rng.choice(choices)
    return True


def wrap(key, value):
    return Map([(key, value)])


def mutate_swap(rng, root, places):
    one = pick(rng, places, lambda node, at: True)
    other = pick(rng, places, lambda node, at: isinstance(node, Text))
    first, second = one[0][one[1]], other[0][other[1]]
    if isinstance(one[0], Pair) and one[1] == 0 and not isinstance(second, Text):
        return False
    one[0][one[1]] = copy(second)
    if isinstance(first, Text):
        other[0][other[1]] = copy(first)
    return True


def mutate_graft(rng, root, places):
    """A key with its value from somewhere else."""
    source = pick(rng, places, lambda node, at: isinstance(at[0], Pair))
    target = pick(rng, places, lambda node, at: isinstance(node, Map))
    if source is None or target is None:
        return False
    target_map = target[0][target[1]]
    if any(pair is source[0] for pair in target_map.pairs):
        return False
    key, value = copy(source[0][0]), copy(source[0][1])
    target_map.pairs.insert(rng.randrange(len(target_map.pairs) + 1), Pair(target_map, key, value))
    return True


def mutate_duplicate(rng, root, places):
    place = pick(rng, places, lambda node, at: not (isinstance(at[0], Pair) and at[1] == 1))
    if isinstance(place[0], Pair):
        pair = place[0]
        key = copy(pair[0])
        if rng.random() < 0.4 and isinstance(key, Text):
            key = Text(key.text.swapcase())
        pair.owner.pairs.append(Pair(pair.owner, key, copy(pair[1])))
    else:
        place[0].insert(place[1], copy(place[0][place[1]]))
    return True


def mutate_yaml(rng, root, places):
    place = pick(rng, places, lambda node, at: True)
    node = place[0][place[1]]
    kind = rng.randrange(5)
    if kind == 0:
        node.prefix = "&anchor "
    elif kind == 1:
        node.prefix = rng.choice(["!tag ", "!!str ", "!<x> "])
    elif kind == 2:
        place[0][place[1]] = Text("alias", "*anchor ")
    elif kind == 3 and isinstance(node, Map):
        node.pairs.append(Pair(node, Text("<<", "<<"), Map()))
    else:
        place[0][place[1]] = Text("cut", rng.choice(["x #7", "x # comment", "@x", "`x", "a: b", "[x", "%x"]))
    return True


MUTATIONS = [
    (mutate_delete, 3),
    (mutate_key, 3),
    (mutate_text, 4),
    (mutate_known_text, 6),
    (mutate_empty, 2),
    (mutate_type, 3),
    (mutate_swap, 2),
    (mutate_graft, 4),
    (mutate_duplicate, 2),
    (mutate_yaml, 1),
]


def swept(rng, root, number):
    """One text of the root replaced by one that means something somewhere: each text gets its turn."""
    root = copy(root)
    places = [place for place in nodes(root) if isinstance(place[0][place[1]], Text)]
    mutate_known_text(rng, root, [places[number % len(places)]])
    return document(root, rng)


def mutated(rng, seeds):
    root = copy(rng.choice(seeds))
    functions, weights = zip(*MUTATIONS)
    # Some files are left as they are: both must take them.
    wanted = rng.choice([0, 1, 1, 1, 1, 1, 2, 3])
    done = 0
    for _ in range(20):
        if done == wanted:
            break
        places = nodes(root)
        if places and rng.choices(functions, weights)[0](rng, root, places):
            done += 1
    return document(root, rng)


# ---- judging ----


def schema_opinion(validator, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        documents = list(yaml.load_all(text, LOADER))
    except (yaml.YAMLError, TypeError, ValueError) as error:
        return "not yaml", str(error).replace("\n", " ")
    for loaded in documents:
        error = jsonschema.exceptions.best_match(validator.iter_errors(loaded))
        if error is not None:
            return "invalid", f"{error.json_path}: {error.message[:100]}"
    return "valid", ""


def agree(schema, kinds):
    if schema == "valid":
        # Of two equal keys the YAML loader drops the first, which may be what is wrong.
        return "form" not in kinds or "yaml" in kinds
    if schema == "invalid":
        return "form" in kinds or "yaml" in kinds
    return "yaml" in kinds


def load(path):
    with open(path, encoding="utf-8") as file:
        return [from_yaml(root) for root in yaml.compose_all(file, LOADER) if root is not None]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--judge", required=True)
    parser.add_argument("--schema", required=True)
    parser.add_argument("--sweep", required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="folder for the files, instead of a temporary one")
    parser.add_argument("seeds", nargs="+")
    options = parser.parse_args()

    rng = random.Random(options.seed)
    sweep = load(options.sweep)
    seeds = sweep + [root for path in sorted(options.seeds) for root in load(path)]

    with open(options.schema, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        paths = []
        for number in range(options.count):
            path = os.path.join(folder, f"m{number:05}.kldr.yaml")
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                half = number < options.count // 2
                file.write(swept(rng, sweep[0], number) if half else mutated(rng, seeds))
            paths.append(path)
        listing = os.path.join(folder, "list.txt")
        with open(listing, "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(paths) + "\n")
        output = subprocess.run(
            [part for part in options.judge.split(";") if part] + [listing], check=True, capture_output=True, text=True
        ).stdout.rstrip("\n").split("\n")
        return compare(validator, paths, output)


def compare(validator, paths, output):
    if len(output) != len(paths):
        print(f"the judge spoke of {len(output)} files, not {len(paths)}")
        return 1
    totals = {}
    differences = 0
    for path, line in zip(paths, output):
        words, _, message = line.partition("|")
        kinds = set(words.split())
        schema, why = schema_opinion(validator, path)
        key = (schema, " ".join(sorted(kinds)))
        totals[key] = totals.get(key, 0) + 1
        if not agree(schema, kinds):
            differences += 1
            if differences <= 20:
                print(f"{path}: schema says {schema} ({why}), parser says {line}")
    for (schema, kinds), count in sorted(totals.items()):
        print(f"{count:6}  schema: {schema:9}  parser: {kinds}")
    print(f"{len(paths)} files, {differences} judged differently")
    valid = totals.get(("valid", "valid"), 0)
    invalid = sum(count for (schema, _), count in totals.items() if schema == "invalid")
    if valid < len(paths) // 20 or invalid < len(paths) // 4:
        print("the mutations are too tame or too wild to prove anything")
        return 1
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
