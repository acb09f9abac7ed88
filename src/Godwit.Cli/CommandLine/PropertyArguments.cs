// -D COMMAND PROPERTY VALUE, as the mosquitto tools have it: sorts the properties by packet and checks them against the specification's table.
using Godwit.Security.Files;
using System.Globalization;
using System.Text;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.CommandLine;

/// <summary>The properties of one packet.</summary>
internal sealed class PropertySet
{
    private readonly Dictionary<PropertyId, string> _values = [];

    public List<UserProperty> UserProperties { get; } = [];

    public bool IsEmpty => _values.Count == 0 && UserProperties.Count == 0;

    public string? Text(PropertyId id) => _values.GetValueOrDefault(id);

    public uint? Number(PropertyId id) => _values.TryGetValue(id, out string? value) ? uint.Parse(value, CultureInfo.InvariantCulture) : null;

    public ReadOnlyMemory<byte>? Binary(PropertyId id) =>
        _values.TryGetValue(id, out string? value) ? Encoding.UTF8.GetBytes(value) : default(ReadOnlyMemory<byte>?);

    public void Set(PropertyId id, string value) => _values[id] = value;
}

internal sealed class PropertyArguments
{
    private static readonly Dictionary<string, PropertyOwner> Commands = new()
    {
        ["connect"] = PropertyOwner.Connect,
        ["publish"] = PropertyOwner.Publish,
        ["subscribe"] = PropertyOwner.Subscribe,
        ["unsubscribe"] = PropertyOwner.Unsubscribe,
        ["disconnect"] = PropertyOwner.Disconnect,
        ["will"] = PropertyOwner.Will,
    };

    private readonly Dictionary<PropertyOwner, PropertySet> _sets = Commands.Values.ToDictionary(owner => owner, _ => new PropertySet());

    public PropertySet Connect => _sets[PropertyOwner.Connect];

    public PropertySet Publish => _sets[PropertyOwner.Publish];

    public PropertySet Subscribe => _sets[PropertyOwner.Subscribe];

    public PropertySet Unsubscribe => _sets[PropertyOwner.Unsubscribe];

    public PropertySet Disconnect => _sets[PropertyOwner.Disconnect];

    public PropertySet Will => _sets[PropertyOwner.Will];

    public bool IsEmpty => _sets.Values.All(set => set.IsEmpty);

    /// <summary>Reads all -D of a command line.</summary>
    /// <param name="occurrences">The values of each, joined by <see cref="VerbatimArguments.Separator"/>.</param>
    /// <exception cref="UsageException">One of them is not right.</exception>
    public static PropertyArguments Parse(IEnumerable<string> occurrences)
    {
        var properties = new PropertyArguments();
        foreach (string occurrence in occurrences) properties.Add(occurrence.Split(VerbatimArguments.Separator));
        return properties;
    }

    private void Add(string[] words)
    {
        (string command, string property) = (words[0], words[1]);
        if (!Commands.TryGetValue(command, out PropertyOwner owner))
            throw new UsageException($"-D has no command '{command}': there are {string.Join(", ", Commands.Keys)}.{Meant(command, Commands.Keys)}");
        PropertyInfo[] allowed = [.. PropertyInfo.All.Where(info => info.IsAllowedIn(owner))];
        if (PropertyInfo.All.FirstOrDefault(info => NameOf(info) == property) is not { } found)
            throw new UsageException($"-D {command}: MQTT 5 has no property '{property}'.{Meant(property, allowed.Select(NameOf))}");
        if (!found.IsAllowedIn(owner))
            throw new UsageException($"-D {command}: {property} is not a property of {command}; those are {string.Join(", ", allowed.Select(NameOf))}.");

        if (found.Id == PropertyId.UserProperty) _sets[owner].UserProperties.Add(new UserProperty(words[2], words[3]));
        else _sets[owner].Set(found.Id, Checked(found, command, words[2]));
    }

    private static string Checked(PropertyInfo property, string command, string value)
    {
        if (property.Type is PropertyType.Utf8String or PropertyType.BinaryData) return value;
        (uint minimum, uint maximum) = Range(property);
        return uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number >= minimum && number <= maximum
            ? value
            : throw new UsageException($"-D {command} {NameOf(property)} takes a number from {minimum} to {maximum}, not '{value}'.");
    }

    private static (uint Minimum, uint Maximum) Range(PropertyInfo property) => property.Id switch
    {
        PropertyId.ReceiveMaximum or PropertyId.TopicAlias => (1, ushort.MaxValue),
        PropertyId.MaximumPacketSize => (1, uint.MaxValue),
        PropertyId.SubscriptionIdentifier => (1, 268_435_455),
        _ => property.Type switch
        {
            PropertyType.Byte => (0, 1),
            PropertyType.TwoByteInteger => (0, ushort.MaxValue),
            _ => (0, uint.MaxValue),
        },
    };

    private static string NameOf(PropertyInfo info) => info.Name.ToLowerInvariant().Replace(' ', '-');

    private static string Meant(string typed, IEnumerable<string> known) =>
        Suggestion.Nearest(typed, known) is { } nearest ? $" Did you mean {nearest}?" : "";
}
