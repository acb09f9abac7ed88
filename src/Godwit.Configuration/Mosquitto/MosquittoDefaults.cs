// What mosquitto does without being told, where that differs from godwit: somebody who brings a mosquitto.conf expects it.
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Configuration.Mosquitto;

internal static class MosquittoDefaults
{
    private static readonly Origin Origin = new(OriginKind.Default, "mosquitto's default");

    public static void Put(Layer layer)
    {
        Limit("max_inflight", 20L);
        Limit("max_queued", 1000L);
        Limit("max_topic_alias", 10L);
        Limit("max_packet_size", 2_000_000L);
        Limit("overflow", "drop-newest");
        layer.Values[BrokerDescription.Store.Find("max_stored")!] = new Assigned(1000L, Origin);

        void Limit(string name, object value) => layer.Values[BrokerDescription.Limits.Find(name)!] = new Assigned(value, Origin);
    }

    /// <summary>Who may come without a name: everybody as long as no listener is configured, and then nobody.</summary>
    public static Assigned AllowAnonymous(bool hasListener) => new(!hasListener, Origin);
}
