#!/usr/bin/env python3
"""Prints the medians of compare.sh's results: a table for delivering messages, one for connections.

Usage: table.py [--markdown] RESULTS.jsonl...
"""
import json
import statistics
import sys


def median(rows, field):
    values = [row[field] for row in rows if field in row]
    return statistics.median(values) if values else None


def ratio(value, base):
    return f"{value / base:.2f}" if value and base else "-"


def number(value, pattern="{:,.0f}"):
    return pattern.format(value) if value is not None else "-"


def errors(rows, *fields):
    """The worst run counts: a median would hide a loss."""
    return str(max(sum(row.get(field, 0) for field in fields) for row in rows))


def is_generator_bound(rows):
    """The generator is one thread; near 100 % of a core it, not the broker, sets the pace."""
    return median([{"share": row["gen_cpu_us_per_msg"] * row["msgs_per_s"] / 1e6} for row in rows], "share") > 0.9


def print_table(header, rows, markdown):
    if not rows:
        return
    if markdown:
        print("| " + " | ".join(header) + " |")
        print("|" + "---|" * 2 + "--:|" * (len(header) - 2))
        for row in rows:
            print("| " + " | ".join(row) + " |")
    else:
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
        for row in [header, *rows]:
            print("  ".join(cell.ljust(width) if i < 2 else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    print()


def main(arguments):
    markdown = "--markdown" in arguments
    groups = {}
    for path in (argument for argument in arguments if not argument.startswith("--")):
        with open(path, encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                groups.setdefault(row["name"], {}).setdefault(row["peer"], []).append(row)

    deliveries, connections = [], []
    for name, peers in groups.items():
        is_connection = next(iter(peers.values()))[0]["scenario"] in ("connect", "idle")
        cpu_field = "broker_cpu_us_per_conn" if is_connection else "broker_cpu_us_per_msg"
        cpu = {peer: median(rows, cpu_field) for peer, rows in peers.items()}
        for peer, rows in peers.items():
            ratios = [number(cpu[peer], "{:,.2f}"), ratio(cpu[peer], cpu.get("floor")), ratio(cpu[peer], cpu.get("mosquitto"))]
            if is_connection:
                connections.append([name, peer, *ratios, number(median(rows, "conn_per_s")), number(median(rows, "rss_bytes_per_conn")),
                                    number(median(rows, "idle_cpu_pct"), "{:.1f}"), errors(rows, "lost")])
            else:
                rate = number(median(rows, "msgs_per_s")) + ("*" if is_generator_bound(rows) else "")
                deliveries.append([name, peer, *ratios, rate, number(median(rows, "p99_us")), errors(rows, "lost", "warmup_lost"),
                                   errors(rows, "order_errors"), errors(rows, "bad", "disconnects")])

    print_table(["scenario", "peer", "CPU us/delivery", "x floor", "x mosquitto", "deliveries/s", "p99 us", "lost", "order", "bad"],
                deliveries, markdown)
    if any("*" in row[5] for row in deliveries):
        print("\\* the generator was the limit: a lower bound\n" if markdown else "* the generator was the limit: a lower bound\n")
    print_table(["scenario", "peer", "CPU us/connection", "x floor", "x mosquitto", "connections/s", "bytes/connection", "idle CPU %", "lost"],
                connections, markdown)


if __name__ == "__main__":
    main(sys.argv[1:])
