"""Clients that behave badly towards a broker, each as a process of its own: python3 -m harness.hostile KIND PORT, until it is ended.

stalled   a subscriber that stops reading while 10,000 messages a second of 1 KiB come for it, half of them at QoS 1
trickle   the same, but it reads a byte a second
flood     a publisher that sends as fast as it can to a subscriber that reads all of it
churn     50 times a second connect, subscribe, publish, disconnect: no harm, but garbage for a collector
"""
import itertools
import socket
import sys
import threading
import time

TOPIC = b"hostile/topic"


def packet(first, *fields):
    """A control packet: first byte, Remaining Length, the rest."""
    rest, length = b"".join(fields), b""
    size = len(rest)
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (128 if size else 0)])
        if not size:
            return bytes([first]) + length + rest


def text(value):
    return len(value).to_bytes(2, "big") + value


def publish(payload, packet_id=None):
    """QoS 1 with a packet identifier, QoS 0 without."""
    return packet(0x30, text(TOPIC), payload) if packet_id is None else packet(0x32, text(TOPIC), packet_id.to_bytes(2, "big"), payload)


def connect(port, client_id, receive_buffer=None):
    """A connection without keep-alive, since those who do not read cannot ping."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.connect(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(packet(0x10, text(b"MQTT"), b"\x04\x02\x00\x00", text(client_id)))
    connection.recv(4)
    return connection


def subscribe(connection, topic=TOPIC):
    connection.sendall(packet(0x82, b"\x00\x01", text(topic), b"\x01"))
    connection.recv(5)


def drain(connection):
    """Reads and forgets whatever comes, beside everything else."""
    def read_all():
        buffer = bytearray(1 << 18)
        while connection.recv_into(buffer):
            pass
    threading.Thread(target=read_all, daemon=True).start()


def feed(port):
    """10,000 messages a second, a hundred at a time."""
    connection = connect(port, b"hostile-feeder")
    drain(connection)
    payload = bytes(1024)
    batches = itertools.cycle([publish(payload) * 100, b"".join(publish(payload, i + 1) for i in range(100))])
    due = time.monotonic()
    for batch in batches:
        connection.sendall(batch)
        due += 0.01
        time.sleep(max(0.0, due - time.monotonic()))


def stalled(port):
    subscriber = connect(port, b"hostile-stalled", receive_buffer=4096)
    subscribe(subscriber)
    feed(port)


def trickle(port):
    subscriber = connect(port, b"hostile-trickle", receive_buffer=4096)
    subscribe(subscriber)
    threading.Thread(target=feed, args=(port,), daemon=True).start()
    while subscriber.recv(1):
        time.sleep(1)


def flood(port):
    subscriber = connect(port, b"hostile-reader")
    subscriber.sendall(packet(0x82, b"\x00\x01", text(TOPIC), b"\x00"))
    drain(subscriber)
    publisher, block = connect(port, b"hostile-flood"), publish(bytes(64)) * 1000
    while True:
        publisher.sendall(block)


def churn(port):
    for count in itertools.count():
        connection = connect(port, b"churn-%d" % (count % 1000))
        subscribe(connection, b"churn/%d" % count)
        connection.sendall(publish(b"hello") + packet(0xE0))
        connection.close()
        time.sleep(0.02)


if __name__ == "__main__":
    {"stalled": stalled, "trickle": trickle, "flood": flood, "churn": churn}[sys.argv[1]](int(sys.argv[2]))
