"""The Python peer: Paho 1.6. Scenarios, keys and output: ../README.md."""
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

scenario = sys.argv[1]
settings = {}
for argument in sys.argv[2:]:
    key, value = argument.split("=", 1)
    settings.setdefault(key, []).append(value)


def text(key, default=None):
    return settings.get(key, [default])[0]


def number(key, default=0):
    return int(text(key, default))


def show(*columns):
    sys.stdout.write("\t".join(str(column) for column in columns) + "\n")
    sys.stdout.flush()


def properties(packet_type, **values):
    """The properties of a packet; None where MQTT 5 is not spoken."""
    if not is_v5:
        return None
    result = Properties(packet_type)
    for name, value in values.items():
        if value is not None:
            setattr(result, name, value)
    return result


def optional_number(key):
    return number(key) if key in settings else None


def code_of(reason):
    return getattr(reason, "value", reason)


version = number("version")
is_v5 = version == mqtt.MQTTv5
connected, done = threading.Event(), threading.Event()
until = optional_number("until")
state = {"messages": 0, "code": 0}


def on_connect(client, userdata, flags, reason, connack_properties=None):
    state["code"] = code_of(reason)
    show("CONNECTED", state["code"], flags["session present"])
    connected.set()


def on_disconnect(client, userdata, reason, disconnect_properties=None):
    show("DISCONNECTED", code_of(reason))
    done.set()
    connected.set()


def on_subscribe(client, userdata, mid, codes, suback_properties=None):
    codes = [code_of(code) for code in codes]
    show("SUBSCRIBED", ",".join(map(str, codes)))
    if any(code >= 0x80 for code in codes):
        state["code"] = 1
    if until == 0:
        done.set()


def on_message(client, userdata, message):
    columns = []
    if is_v5:
        p = message.properties
        for name, attribute in (("content-type", "ContentType"), ("response", "ResponseTopic"), ("expiry", "MessageExpiryInterval")):
            if hasattr(p, attribute):
                columns.append("%s=%s" % (name, getattr(p, attribute)))
        if hasattr(p, "CorrelationData"):
            columns.append("correlation=" + p.CorrelationData.decode())
        if hasattr(p, "SubscriptionIdentifier"):
            columns.append("subscription-id=" + ",".join(map(str, p.SubscriptionIdentifier)))
        if hasattr(p, "UserProperty"):
            columns.append("property=" + " ".join("%s:%s" % pair for pair in p.UserProperty))
    show("MESSAGE", message.topic, message.qos, int(message.retain), message.payload.hex(), *columns)
    state["messages"] += 1
    if state["messages"] == until:
        done.set()


def publish(client):
    alias = optional_number("alias")
    payload = open(text("file"), "rb").read() if "file" in settings else text("payload", "").encode()
    sent = []
    for i in range(number("count", 1)):
        topic = "" if alias and i > 0 else text("topic").replace("{i}", str(i))
        body = payload.replace(b"{i}", b"%d" % i) if "count" in settings else payload
        sent.append(client.publish(topic, body, number("qos"), bool(number("retain")), properties(
            PacketTypes.PUBLISH, ContentType=text("content-type"), ResponseTopic=text("response"),
            CorrelationData=text("correlation").encode() if "correlation" in settings else None,
            MessageExpiryInterval=optional_number("expiry"), TopicAlias=alias,
            UserProperty=[tuple(pair.split(":", 1)) for pair in settings["property"]] if "property" in settings else None)))
    for message in sent:
        message.wait_for_publish()
    show("PUBLISHED", ",".join("-" for _ in sent))


def subscribe(client):
    if "filter" not in settings:
        return
    if is_v5:
        options = SubscribeOptions(number("qos"), bool(number("no-local")), bool(number("retain-as-published")), number("retain-handling"))
        client.subscribe([(name, options) for name in settings["filter"]], properties=properties(
            PacketTypes.SUBSCRIBE, SubscriptionIdentifier=optional_number("subscription-id")))
    else:
        client.subscribe([(name, number("qos")) for name in settings["filter"]])


def main():
    clean = bool(number("clean", 1))
    client = mqtt.Client(text("id", ""), None if is_v5 else clean, protocol=version, transport="websockets" if text("transport", "tcp").startswith("ws") else "tcp")
    client.on_connect, client.on_disconnect = on_connect, on_disconnect
    client.on_subscribe, client.on_message = on_subscribe, on_message
    if "user" in settings:
        client.username_pw_set(text("user"), text("password"))
    if "will-topic" in settings:
        client.will_set(text("will-topic"), text("will-payload", ""), number("will-qos"), bool(number("will-retain")), properties(
            PacketTypes.WILLMESSAGE, WillDelayInterval=optional_number("will-delay")))
    transport = text("transport", "tcp")
    if transport in ("tls", "wss"):
        client.tls_set(text("ca", ""), text("cert", "") or None, text("key", "") or None)
    connect_properties = properties(
        PacketTypes.CONNECT, SessionExpiryInterval=optional_number("session-expiry"), TopicAliasMaximum=optional_number("topic-alias-maximum"))
    client.connect("127.0.0.1", number("port"), number("keepalive", 60), clean_start=clean if is_v5 else mqtt.MQTT_CLEAN_START_FIRST_ONLY,
                   properties=connect_properties)
    client.loop_start()
    connected.wait()
    if state["code"] != 0:
        sys.exit(1)
    if scenario == "publish":
        publish(client)
    elif scenario == "subscribe":
        subscribe(client)
        done.wait()
    client.disconnect()
    client.loop_stop()
    sys.exit(1 if state["code"] else 0)


main()
