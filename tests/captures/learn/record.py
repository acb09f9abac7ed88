#!/usr/bin/env python3
"""Records the captures of docs/learn with mosquitto, Paho and dumpcap, in a network of its own:

    sudo unshare -n tests/captures/learn/record.py [SCENE...]

The captures are committed; this is how they were made, and how to make others. Times and ports differ from run to run, so the pages have to be
brought up to date afterwards (GODWIT_UPDATE_GOLDEN=1 ./test.sh --filter Learn).
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

HERE = os.path.dirname(os.path.abspath(__file__))
HOST, PORT = "127.0.0.1", 1883
OPEN = "listener 1883 127.0.0.1\nallow_anonymous true\n"
CLOSED = "listener 1883 127.0.0.1\nallow_anonymous false\n"


def wait_for_port():
    for _ in range(100):
        try:
            socket.create_connection((HOST, PORT), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("mosquitto does not listen")


class Client:
    """A Paho client whose network loop runs in a thread of its own, and whose steps wait for their answers."""

    def __init__(self, name, clean=True, protocol=mqtt.MQTTv311, will=None, user=None):
        self.done = set()
        self.seen = 0
        args = {} if protocol == mqtt.MQTTv5 else {"clean_session": clean}
        self.paho = mqtt.Client(name, protocol=protocol, **args)
        self.paho.on_connect = lambda *_: self.done.add("connect")
        self.paho.on_subscribe = lambda *_: self.done.add("subscribe")
        self.paho.on_disconnect = lambda *_: self.done.add("disconnect")
        self.paho.on_message = lambda *_: setattr(self, "seen", self.seen + 1)
        if will:
            self.paho.will_set(*will)
        if user:
            self.paho.username_pw_set(*user)

    def until(self, what):
        end = time.time() + 20
        while not what() and time.time() < end:
            time.sleep(0.01)
        time.sleep(0.05)

    def connect(self, keepalive=60, **options):
        self.paho.connect(HOST, PORT, keepalive, **options)
        self.paho.loop_start()
        self.until(lambda: "connect" in self.done)
        return self

    def subscribe(self, *args, **options):
        self.done.discard("subscribe")
        self.paho.subscribe(*args, **options)
        self.until(lambda: "subscribe" in self.done)
        return self

    def publish(self, *args, **options):
        self.paho.publish(*args, **options).wait_for_publish(10)
        time.sleep(0.05)
        return self

    def messages(self, count):
        self.until(lambda: self.seen >= count)
        return self

    def leave(self, **options):
        self.paho.disconnect(**options)
        self.until(lambda: "disconnect" in self.done)
        self.paho.loop_stop()


def one():
    """One message: a client connects, publishes and leaves."""
    Client("python_test").connect().publish("/python/mqtt", "Hello MQTT").leave()


def lengths():
    """Packets with a remaining length of 64 and of 321 bytes."""
    client = Client("lengths").connect()
    client.publish("a/b", "x" * (64 - 5)).publish("a/b", "x" * (321 - 5))
    client.leave()


def qos():
    """The same message at QoS 0, 1 and 2, from a sensor to a display."""
    display = Client("display").connect().subscribe("home/#", 2)
    sensor = Client("sensor").connect()
    for level in range(3):
        sensor.publish("home/kitchen", "21.5", level)
        display.messages(level + 1)
    sensor.leave()
    display.leave()


def refused():
    """Three clients that are not let in: no such version, no identifier with a session to keep, no user name."""
    for packet in (b"\x10\x0d\x00\x04MQTT\x06\x02\x00\x3c\x00\x01a", b"\x10\x0c\x00\x04MQTT\x04\x00\x00\x3c\x00\x00",
                   b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01c"):
        with socket.create_connection((HOST, PORT)) as raw:
            raw.sendall(packet)
            raw.settimeout(5)
            try:
                while raw.recv(100):
                    pass
            except OSError:
                pass


def ping():
    """A client with nothing to say: keep alive 2 seconds, for a quarter of a minute."""
    client = Client("quiet").connect(keepalive=2)
    time.sleep(15)
    client.leave()


def will():
    """A device that dies: it is silent for longer than its keep alive, and its will is published."""
    watcher = Client("watcher").connect().subscribe("status/#", 1)
    with socket.create_connection((HOST, PORT)) as device:
        device.sendall(b"\x10\x2a\x00\x04MQTT\x04\x0e\x00\x02\x00\x06pump-7\x00\x0dstatus/pump-7\x00\x07offline")
        watcher.messages(1)
    watcher.leave()


def session():
    """A session that outlives the connection: what is published while its client is away is delivered when it comes back."""
    Client("logger", clean=False).connect().subscribe("log/#", 1).leave()
    Client("sensor").connect().publish("log/door", "opened", 1).leave()
    Client("logger", clean=False).connect().messages(1).leave()


def retained():
    """A retained message: who subscribes later gets it at once."""
    Client("meter").connect().publish("meter/total", "1042", 1, True).leave()
    Client("panel").connect().subscribe("meter/total", 0).messages(1).leave()


def five():
    """MQTT 5: a request with properties, an answer, a topic alias, a reason for leaving."""
    options = Properties(PacketTypes.CONNECT)
    options.SessionExpiryInterval, options.ReceiveMaximum, options.TopicAliasMaximum = 300, 10, 5
    asker = Client("asker", protocol=mqtt.MQTTv5).connect(clean_start=True, properties=options).subscribe("answers/asker", 1)
    question = Properties(PacketTypes.PUBLISH)
    question.ResponseTopic, question.CorrelationData, question.MessageExpiryInterval, question.TopicAlias = "answers/asker", b"\x07", 30, 1
    question.UserProperty = ("unit", "celsius")
    asker.publish("questions/temperature", "now?", 1, properties=question)
    again = Properties(PacketTypes.PUBLISH)
    again.TopicAlias = 1
    asker.publish("", "and now?", 1, properties=again)
    left = Properties(PacketTypes.DISCONNECT)
    left.ReasonString = "battery low"
    asker.leave(reasoncode=mqtt.ReasonCodes(PacketTypes.DISCONNECT, "Disconnect with will message"), properties=left)


SCENES = {scene.__name__: scene for scene in (one, lengths, qos, refused, ping, will, session, retained, five)}


def record(name):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        conf = os.path.join(directory, "mosquitto.conf")
        raw = os.path.join(directory, "raw.pcap")
        with open(conf, "w", encoding="ascii") as file:
            file.write(CLOSED if name == "refused" else OPEN)
        broker = subprocess.Popen(["mosquitto", "-c", conf], stderr=subprocess.DEVNULL)
        wait_for_port()
        time.sleep(0.3)
        capture = subprocess.Popen(["dumpcap", "-q", "-P", "-i", "lo", "-f", f"tcp port {PORT}", "-w", raw], stderr=subprocess.DEVNULL)
        while not os.path.exists(raw):
            time.sleep(0.05)
        time.sleep(0.5)
        SCENES[name]()
        time.sleep(0.5)
        capture.send_signal(signal.SIGINT)
        capture.wait()
        broker.terminate()
        broker.wait()
        with open(raw, "rb") as source, open(os.path.join(HERE, f"{name}.pcap"), "wb") as target:
            target.write(source.read())
    print(name, os.path.getsize(os.path.join(HERE, f"{name}.pcap")), "bytes")


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for scene in sys.argv[1:] or SCENES:
        record(scene)
