using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Godwit.Security.Files;

/// <summary>Reads the one document of a YAML text that people have written.</summary>
public static class YamlText
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="wrong">Is told of a mistake: line, column, and what is wrong.</param>
    /// <returns>The root; null if the text is empty or wrong.</returns>
    public static YamlNode? Read(string text, Action<int, int, string> wrong)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException mistake)
        {
            wrong((int)Math.Max(1, mistake.Start.Line), (int)Math.Max(1, mistake.Start.Column), mistake.InnerException?.Message ?? mistake.Message);
            return null;
        }
        catch (Exception failed) when (failed is ArgumentException or IndexOutOfRangeException or InvalidOperationException or NullReferenceException or FormatException)
        {
            wrong(1, 1, "This is no YAML, and in a way that cannot be told by line."); // the library's own defects: fuzzing found some
            return null;
        }
        if (stream.Documents.Count <= 1) return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
        Mark second = stream.Documents[1].RootNode.Start;
        wrong((int)second.Line, (int)second.Column, "There is more than one document in the file.");
        return null;
    }
}
