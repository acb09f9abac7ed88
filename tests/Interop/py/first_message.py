"""The first program of every tutorial: connect, publish one message, leave. Nothing waits for the broker's answers."""
import sys

import paho.mqtt.client as mqtt

client = mqtt.Client("python_test")
client.connect("127.0.0.1", int(sys.argv[1]))
client.publish("/python/mqtt", "Hello from Python")
client.disconnect()
