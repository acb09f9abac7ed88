// A YAML file whose reader knows what may stand where: whatever else is there is a mistake, named with line and column. YAML itself would let
// a misspelt key pass, which in a file of rights is a hole.
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Godwit.Security.Files;

internal sealed class YamlFile
{
    private readonly List<FileProblem> _problems = [];
    private readonly YamlNode? _root;
    private bool _isQuiet;

    public YamlFile(string text, string path)
    {
        Path = path;
        _root = YamlText.Read(text, (line, column, message) => _problems.Add(new FileProblem(path, line, column, message)));
    }

    public string Path { get; }

    /// <summary>All that is wrong so far.</summary>
    public IReadOnlyList<FileProblem> Problems => _problems;

    /// <summary>The whole file, which may be empty.</summary>
    public YamlMap Root(params string[] keys) => _root is null ? new YamlMap(this, null, []) : Map(_root, keys);

    /// <summary>A node as a mapping with certain keys; it is empty if the node is something else.</summary>
    public YamlMap Map(YamlNode node, params string[] keys)
    {
        if (node is YamlMappingNode mapping)
        {
            foreach (YamlNode key in mapping.Children.Keys)
            {
                string name = key is YamlScalarNode { Value: { } value } ? value : "";
                if (!keys.Contains(name)) Wrong(key, $"'{name}' is not known here.{Hint(name, keys)} There are {string.Join(", ", keys)}.");
            }
            return new YamlMap(this, mapping, keys);
        }
        if (node is not YamlScalarNode { Value: null or "" }) Wrong(node, $"Here belongs a mapping with some of {string.Join(", ", keys)}.");
        return new YamlMap(this, null, keys);
    }

    /// <summary>A node as a list; null if it is something else.</summary>
    public YamlSequenceNode? Sequence(YamlNode node)
    {
        if (node is YamlSequenceNode sequence) return sequence;
        if (node is not YamlScalarNode { Value: null or "" }) Wrong(node, "Here belongs a list.");
        return null;
    }

    public void Wrong(YamlNode node, string message)
    {
        if (!_isQuiet) _problems.Add(new FileProblem(Path, (int)node.Start.Line, (int)node.Start.Column, message));
    }

    /// <summary>Reads something whose mistakes have been named already.</summary>
    public T Quietly<T>(Func<T> read)
    {
        _isQuiet = true;
        try
        {
            return read();
        }
        finally
        {
            _isQuiet = false;
        }
    }

    /// <summary>A question whether something else was meant, behind a sentence; empty if nothing is near.</summary>
    public static string Hint(string typed, IEnumerable<string> known) => Suggestion.Nearest(typed, known) is { } nearest ? $" Is it '{nearest}'?" : "";
}

/// <summary>A mapping of a <see cref="YamlFile"/>; an empty one where there should have been one.</summary>
internal sealed class YamlMap(YamlFile file, YamlMappingNode? mapping, string[] keys)
{
    /// <summary>What stands behind a key; null if it is not there.</summary>
    public YamlNode? Node(string key) =>
        keys.Contains(key) && mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) ? node : null;

    /// <summary>The entries of the mapping behind a key, whose keys are names.</summary>
    public IEnumerable<(string Name, YamlNode Node)> Entries(string key)
    {
        switch (Node(key))
        {
            case YamlMappingNode entries:
                foreach ((YamlNode name, YamlNode node) in entries)
                {
                    if (name is YamlScalarNode { Value: { Length: > 0 } text }) yield return (text, node);
                    else file.Wrong(name, "Here belongs a name.");
                }
                break;
            case null or YamlScalarNode { Value: null or "" }:
                break;
            case { } other:
                file.Wrong(other, $"{key} is a mapping from names.");
                break;
        }
    }

    /// <summary>The words behind a key: one, or a list of them.</summary>
    public IEnumerable<YamlScalarNode> Scalars(string key)
    {
        YamlNode? value = Node(key);
        IEnumerable<YamlNode> nodes = value switch { null => [], YamlSequenceNode sequence => sequence, _ => [value] };
        foreach (YamlNode node in nodes)
        {
            if (node is YamlScalarNode { Value.Length: > 0 } scalar) yield return scalar;
            else file.Wrong(node, $"{key} is a word or a list of words.");
        }
    }

    /// <summary>The same as text.</summary>
    public IEnumerable<string> Texts(string key) => Scalars(key).Select(scalar => scalar.Value!);

    /// <summary>The one word behind a key, which must be one of some; null if it is not there.</summary>
    public string? Word(string key, string[] allowed)
    {
        if (Node(key) is not { } node) return null;
        if (node is YamlScalarNode { Value: { } word } && allowed.Contains(word)) return word;
        file.Wrong(node, $"{key} is {string.Join(", ", allowed[..^1])} or {allowed[^1]}.");
        return null;
    }
}
