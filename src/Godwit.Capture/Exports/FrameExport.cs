using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Exports;

/// <summary>
/// Writes frames as they came, as pcapng, with what was found in a frame as its comment. It is both kinds of view: packets say which frames are
/// wanted, and why they are noteworthy.
/// </summary>
/// <param name="stream">Where to; closed with this.</param>
/// <param name="isSelective">Whether only frames are wanted in which a packet ends that this is shown; default false: all.</param>
/// <param name="isLive">Whether somebody reads along; default false.</param>
public sealed class FrameExport(Stream stream, bool isSelective = false, bool isLive = false) : IPacketView, IFrameView, ICaptureNotes, IDisposable
{
    private readonly PcapngWriter _writer = new(stream);
    private readonly List<int> _interfaces = [];
    private readonly StringBuilder _comment = new();
    private bool _isWanted;

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        _isWanted = true;
        foreach (Finding finding in context.Findings)
            _comment.Append(_comment.Length == 0 ? "" : "\n").Append($"Packet {packet.Number}: {finding.Rule.Severity.ToString().ToLowerInvariant()} {finding.Rule.Id}: {finding.Sentence}");
    }

    /// <inheritdoc/>
    public void OnFrame(in Frame frame, IReadOnlyList<CaptureInterface> interfaces)
    {
        if (_isWanted || !isSelective)
        {
            // Sections may have interfaces of their own later on; they keep their numbers here.
            while (_interfaces.Count < interfaces.Count)
            {
                CaptureInterface next = interfaces[_interfaces.Count];
                _interfaces.Add(_writer.AddInterface(next.Link, next.Name, next.Description, (int)Math.Min(next.SnapLength, int.MaxValue)));
            }
            string? comment = _comment.Length > 0 ? _comment.ToString() : frame.Comment.IsEmpty ? null : Encoding.UTF8.GetString(frame.Comment);
            _writer.WriteFrame(_interfaces[frame.Interface], frame.Time, frame.Bytes, frame.OriginalLength, comment);
            if (isLive) _writer.Flush();
        }
        _isWanted = false;
        _comment.Clear();
    }

    /// <summary>Secrets stay with the frames that they open, whichever of those are wanted.</summary>
    public void OnSecrets(uint type, ReadOnlySpan<byte> secrets) => _writer.WriteSecrets(type, secrets);

    void ICaptureNotes.OnComment(string comment)
    {
    }

    /// <summary>Completes the file.</summary>
    public void Dispose() => _writer.Dispose();
}
