// Bans of administrators in a file, which survives a restart. They are few and change seldom, so the file is written anew each time, beside the old
// one, and takes its place when it is on the disk.
using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Limits;

internal sealed class BanFile(string path)
{
    private readonly Lock _lock = new();

    public string Path => path;

    /// <summary>What is in it; nothing if it is not there.</summary>
    /// <exception cref="StoreException">It cannot be read: then nobody knows who is banned.</exception>
    public Ban[] Load()
    {
        try
        {
            if (!File.Exists(path)) return [];
            Ban[] bans = JsonSerializer.Deserialize(File.ReadAllBytes(path), BanJson.Default.BanArray) ?? [];
            string? problem = bans.Select(ban => ban.Problem).FirstOrDefault(text => text is not null);
            return problem is null ? bans : throw new JsonException(problem);
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailure.Unavailable, $"The ban list {path} cannot be read: {wrong.Message} Correct it, or remove it to ban nobody.", wrong);
        }
    }

    /// <summary>Writes what there is now.</summary>
    /// <exception cref="IOException">It cannot be written; what was there stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Save(Func<Ban[]> now)
    {
        lock (_lock) // who comes later has the newer list
        {
            string next = path + ".new";
            using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, now(), BanJson.Default.BanArray);
                stream.Flush(flushToDisk: true);
            }
            File.Move(next, path, overwrite: true);
        }
    }
}

/// <summary>Reads and writes the file.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Ban[]))]
internal sealed partial class BanJson : JsonSerializerContext;
