using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

/// <summary><c>godwit store compact</c>: gives the room back that messages had which are gone. No broker may be running.</summary>
public static class StoreCompaction
{
    /// <summary>Writes a directory's store anew, without gaps. Needs as much free room again while it works.</summary>
    /// <returns>The bytes of the file before and after.</returns>
    /// <exception cref="Godwit.Broker.Storage.StoreException">There is none, a broker uses it, or there is no room.</exception>
    public static (long Before, long After) Run(string directory)
    {
        string file = StoreFile.In(directory);
        using StoreLock storeLock = StoreLock.Take(directory);
        long before = new FileInfo(file).Length;
        using (SqliteDatabase database = StoreFile.OpenToChange(file))
        {
            database.Execute("VACUUM");
            database.Checkpoint(CheckpointMode.Truncate);
        }
        return (before, new FileInfo(file).Length);
    }
}
