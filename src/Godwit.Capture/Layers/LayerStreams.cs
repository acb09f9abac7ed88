// Stands between connections and who understands their content: takes off what is around it, PROXY header, TLS and WebSocket.
using Godwit.Capture.Streams;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Layers;

/// <summary>
/// Looks at the first bytes of connections, and gives the content of TLS and WebSocket to the consumer behind it as if there were neither. What
/// it does not know goes there as it is. Not to be used by several threads at once.
/// </summary>
public sealed class LayerStreams : IStreamConsumerFactory, ICaptureNotes
{
    private readonly IStreamConsumerFactory _content;
    private readonly ILayerObserver? _observer;
    private readonly LinkedList<TlsStream> _waiting = [];

    /// <summary>Begins without connections.</summary>
    /// <param name="content">Makes the consumer of a connection's content. It is asked once there is some: never, if it cannot be decrypted.</param>
    /// <param name="secrets">Where secrets of TLS are; null = only those in the capture itself (<see cref="ICaptureNotes.OnSecrets"/>).</param>
    /// <param name="observer">Is told what is found; null = nobody.</param>
    /// <param name="options">Bounds; null = the defaults.</param>
    public LayerStreams(IStreamConsumerFactory content, TlsKeyLog? secrets = null, ILayerObserver? observer = null, LayerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        (_content, _observer, Secrets, Options) = (content, observer, secrets ?? new TlsKeyLog(), options ?? new LayerOptions());
    }

    /// <summary>The secrets that are known.</summary>
    public TlsKeyLog Secrets { get; }

    /// <summary>Encrypted bytes that wait for secrets.</summary>
    public long Waiting { get; internal set; }

    internal LayerOptions Options { get; }

    /// <inheritdoc/>
    public IStreamConsumer Open(StreamConnection connection) => new LayerSniffer(this, connection);

    /// <summary>Reads what has been added to the key log, and decrypts what waits for it. Done by itself while a live capture is silent (<see cref="OnSilence"/>).</summary>
    public void Refresh()
    {
        Secrets.Refresh();
        RetryWaiting();
    }

    /// <inheritdoc/>
    public void OnSecrets(uint type, ReadOnlySpan<byte> secrets)
    {
        if (type != Files.SecretsType.TlsKeyLog) return;
        Secrets.Add(secrets);
        RetryWaiting();
    }

    void ICaptureNotes.OnComment(string comment)
    {
    }

    /// <inheritdoc/>
    public void OnSilence()
    {
        if (_waiting.Count > 0) Refresh();
    }

    internal IStreamConsumer OpenContent(StreamConnection connection)
    {
        if (connection.Layers is { } layers) layers.HasContent = true;
        return _content.Open(connection);
    }

    internal static ConnectionLayers LayersOf(StreamConnection connection) => connection.Layers ??= new ConnectionLayers();

    internal void Found(StreamConnection connection, Layer layer, Arrival at) => _observer?.OnLayer(connection, layer, at);

    internal void Remark(StreamConnection connection, LayerRemark remark)
    {
        LayersOf(connection).Add(remark);
        _observer?.OnRemark(connection, remark);
    }

    internal LinkedListNode<TlsStream> Waits(TlsStream stream) => _waiting.AddLast(stream);

    internal void WaitsNoMore(LinkedListNode<TlsStream> node) => _waiting.Remove(node);

    private void RetryWaiting()
    {
        for (LinkedListNode<TlsStream>? node = _waiting.First; node is not null;)
        {
            LinkedListNode<TlsStream>? next = node.Next;
            node.Value.Retry();
            node = next;
        }
    }
}
