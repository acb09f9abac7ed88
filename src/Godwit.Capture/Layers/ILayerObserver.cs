using Godwit.Capture.Streams;

namespace Godwit.Capture.Layers;

/// <summary>Is told what stands between TCP and content. Calls are synchronous, in the order of the capture.</summary>
public interface ILayerObserver
{
    /// <summary>A layer was recognised by its first bytes. What is in it is in <see cref="StreamConnection.Layers"/> as it becomes known.</summary>
    void OnLayer(StreamConnection connection, Layer layer, Arrival at) { }

    /// <summary>There is something to say about a layer. The same is in <see cref="ConnectionLayers.Remarks"/>.</summary>
    void OnRemark(StreamConnection connection, LayerRemark remark) { }
}
