"""Checks the audit log of a SQLite data folder with a foreign implementation of RFC 9162 trees.

    audit_root.py FOLDER    finds the database in FOLDER, rebuilds the tree with pymerkle from the
                            stored bodies and compares every leaf and the root folded from audit_nodes

A copy with one flipped bit must give another root, or the comparison means nothing.
"""

import pathlib
import sqlite3
import sys

from pymerkle import InmemoryTree


def database_in(folder):
    """The one SQLite file of the folder that holds an audit log."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and path.open("rb").read(16) == b"SQLite format 3\0":
            connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit_entries'").fetchone():
                return connection
    sys.exit(f"audit_root.py: no audit log under {folder}")


def foreign_tree(bodies):
    tree = InmemoryTree(algorithm="sha256")
    for body in bodies:
        tree.append_entry(body)
    return tree


def folded_root(nodes, size, join):
    """The root of `size` leaves from the complete subtrees, smallest first."""
    root, level, rest = None, 0, size
    while rest:
        if rest & 1:
            left = nodes[(level, rest - 1)]
            root = left if root is None else join(left, root)
        rest >>= 1
        level += 1
    return root


def main():
    connection = database_in(sys.argv[1])
    entries = connection.execute("SELECT seq, body, leaf FROM audit_entries ORDER BY seq").fetchall()
    size = connection.execute("SELECT size FROM audit_head").fetchone()[0]
    nodes = {(level, at): node for level, at, node in connection.execute("SELECT level, position, hash FROM audit_nodes")}
    assert entries, "the log is empty"
    assert len(entries) == size, f"{len(entries)} entries, but the head says {size}"
    assert [seq for seq, _, _ in entries] == list(range(entries[0][0], entries[0][0] + size)), "a number is missing"

    tree = foreign_tree(body for _, body, _ in entries)
    for index, (seq, _, leaf) in enumerate(entries, start=1):
        assert tree.get_leaf(index) == leaf, f"entry {seq}: the stored leaf is not the hash of its body"
    root = folded_root(nodes, size, tree.hash_pair)
    assert tree.get_root() == root, "the root of the stored nodes is not the root of the bodies"

    spoilt = bytearray(entries[size // 2][1])
    spoilt[0] ^= 1
    bodies = [body for _, body, _ in entries]
    bodies[size // 2] = bytes(spoilt)
    assert foreign_tree(bodies).get_root() != root, "a flipped bit was not seen"
    print(f"ok     pymerkle finds the same root over {size} audit entries, and another with one bit flipped")


if __name__ == "__main__":
    main()
