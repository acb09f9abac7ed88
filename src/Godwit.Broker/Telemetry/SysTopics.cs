// The $SYS topics that Mosquitto's users and their dashboards know: retained, published again when a value has changed.
using System.Globalization;
using System.Text;
using Godwit.Broker.Limits;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Transport;

namespace Godwit.Broker.Telemetry;

internal sealed class SysTopics(MqttBroker broker, Shard shard, TimeSpan interval) : LoopTimer
{
    private static readonly string[] Spans = ["1min", "5min", "15min"];

    private readonly Dictionary<string, string> _published = [];
    private readonly Dictionary<string, LoadAverage> _loads = [];
    private readonly long _startedAt = shard.Loop.Now;
    private int _maximumClients;

    /// <summary>Publishes for the first time and goes on by itself.</summary>
    public void Start()
    {
        Publish("version", $"godwit version {MqttBroker.Version}");
        OnDue(shard.Loop);
    }

    protected override void OnDue(EventLoop loop)
    {
        BrokerStatistics s = broker.Statistics;
        _maximumClients = Math.Max(_maximumClients, s.ClientsConnected);
        if (broker.State.Writer is { } writer)
        {
            Publish("acknowledgement/level", broker.State.Options.EffectiveAcknowledgement(null).Name());
            Publish("store/state", writer.Failure ?? "ok");
        }
        Publish("uptime", $"{(loop.Now - _startedAt) / 1000} seconds");
        Publish("clients/total", s.Sessions);
        Publish("clients/maximum", _maximumClients);
        Publish("clients/connected", s.ClientsConnected);
        Publish("clients/active", s.ClientsConnected);
        Publish("clients/disconnected", s.Sessions - s.ClientsConnected);
        Publish("clients/inactive", s.Sessions - s.ClientsConnected);
        Publish("clients/expired", s.SessionsExpired);
        Publish("clients/removed", s.SessionsRemoved);
        Publish("messages/stored", s.StoredMessages);
        Publish("store/messages/count", s.StoredMessages);
        Publish("store/messages/bytes", s.StoredBytes);
        Publish("subscriptions/count", s.Subscriptions);
        Publish("shared_subscriptions/count", s.SharedSubscriptions);
        Publish("retained messages/count", s.RetainedMessages);
        Publish("messages/received", s.MessagesReceived);
        Publish("messages/sent", s.MessagesSent);
        Publish("bytes/received", s.BytesReceived);
        Publish("bytes/sent", s.BytesSent);
        Publish("publish/messages/received", s.PublishReceived);
        Publish("publish/messages/sent", s.PublishSent);
        Publish("publish/messages/dropped", s.Dropped);
        Publish("publish/bytes/received", s.PublishBytesReceived);
        Publish("publish/bytes/sent", s.PublishBytesSent);
        Publish("connections/socket/count", s.ClientsConnected);
        foreach ((RefusalReason reason, long count) in s.RefusedByReason) Publish($"connections/refused/{reason.Name()}", count);
        Publish("memory/budget", s.Memory.Budget);
        Publish("memory/used", s.Memory.Used);
        Publish("memory/stage", s.Memory.Stage.ToString().ToLowerInvariant());
        foreach ((string kind, long bytes) in s.Memory.Kinds) Publish($"memory/{kind}", bytes);
        foreach ((DropReason reason, long count) in s.DroppedByReason) Publish($"losses/{reason.Name()}", count);
        Load("messages/received", s.MessagesReceived);
        Load("messages/sent", s.MessagesSent);
        Load("publish/received", s.PublishReceived);
        Load("publish/sent", s.PublishSent);
        Load("publish/dropped", s.Dropped);
        Load("bytes/received", s.BytesReceived);
        Load("bytes/sent", s.BytesSent);
        Load("sockets", s.SocketsOpened);
        Load("connections", s.ConnectsAccepted);
        loop.Schedule(this, loop.Now + (long)interval.TotalMilliseconds);
    }

    private void Load(string name, long counter)
    {
        if (!_loads.TryGetValue(name, out LoadAverage? load)) _loads[name] = load = new LoadAverage();
        load.Update(counter, interval.TotalSeconds);
        for (int i = 0; i < Spans.Length; i++)
            Publish($"load/{name}/{Spans[i]}", load.Averages[i].ToString("F2", CultureInfo.InvariantCulture));
    }

    private void Publish(string name, long value) => Publish(name, value.ToString(CultureInfo.InvariantCulture));

    private void Publish(string name, string value)
    {
        if (_published.TryGetValue(name, out string? known) && known == value) return;
        _published[name] = value;
        var view = new PublicationView
        {
            Topic = Encoding.UTF8.GetBytes("$SYS/broker/" + name),
            Payload = Encoding.UTF8.GetBytes(value),
            Retain = true,
            ExpiresAt = PublicationView.Never,
        };
        Route? route = null;
        shard.Publish(ref view, ref route);
    }
}
