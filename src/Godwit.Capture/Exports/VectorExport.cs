// Test vectors: each packet as commented hexadecimal, a field a line, in the form that godwit explain and the tests of this project read.
using System.Text;
using Godwit.Capture.Dumps;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Protocol;

namespace Godwit.Capture.Exports;

/// <summary>Writes packets as test vectors.</summary>
/// <param name="output">Where to.</param>
/// <param name="options">What to hide: hidden bytes become asterisks (2A).</param>
public sealed class VectorExport(RecordOutput output, TextViewOptions options) : IPacketView
{
    private const int BytesInLine = 16, CommentColumn = 3 * BytesInLine + 1;

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        byte[] bytes = SecretMask.Copy(packet, options);
        PacketExplanation explanation = Explainer.ExplainPacket(bytes, options.Explaining(packet.Version));
        var text = new StringBuilder();
        string sender = packet.IsFromClient ? "client to server" : "server to client";
        text.Append($"# packet {packet.Number}, MQTT {ExplanationText.VersionName(packet.Version)}, {sender}: {explanation.Summary}\n");
        text.Append($"{HexText.Write(bytes.AsSpan(0, packet.Frame.HeaderLength)).PadRight(CommentColumn)}# {packet.Type.Name()}, remaining length {packet.Frame.RemainingLength}\n");
        foreach (ExplainedField group in explanation.Fields.Skip(1))
            foreach (ExplainedField field in group.Children) Write(text, bytes, field);
        output.Write(Encoding.UTF8.GetBytes(text.Append('\n').ToString()));
    }

    private static void Write(StringBuilder text, byte[] bytes, ExplainedField field)
    {
        bool isBits = field.Children.Count > 0 && field.Children.All(child => child.Mask != 0xFF);
        if (field.Children.Count > 0 && !isBits)
        {
            foreach (ExplainedField child in field.Children) Write(text, bytes, child);
            return;
        }
        string words = field.Meaning is null ? field.Value ?? "" : field.Value is null ? field.Meaning : $"{field.Value} ({field.Meaning})";
        for (int start = 0; start < field.Length; start += BytesInLine)
        {
            string hex = HexText.Write(bytes.AsSpan(field.Offset + start, Math.Min(BytesInLine, field.Length - start)));
            text.Append(start == 0 ? $"{hex.PadRight(CommentColumn)}# {field.Name}{(words.Length > 0 ? $": {words}" : "")}\n" : $"{hex}\n");
        }
    }
}
