// The real broker on a store that is not what it should be: it starts, says so as an error, moves the file aside and delivers what can be read.
using System.Globalization;
using System.Text.RegularExpressions;

namespace Godwit.Crash.Tests.Disk;

public sealed partial class DamageTests : IDisposable
{
    private const int Messages = 500, PageSize = 4096;

    private readonly string _data = Directory.CreateTempSubdirectory("godwit-damage-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private string Database => Path.Combine(_data, "godwit.db");

    [Fact]
    public async Task Start_Garbage_BeginsAnew()
    {
        byte[] garbage = new byte[100_000];
        new Random(1).NextBytes(garbage);
        await File.WriteAllBytesAsync(Database, garbage);

        (List<string> received, string error) = await StartDamagedAsync(sessionPresent: false);

        Assert.Empty(received);
        Assert.Contains("nothing could be saved", error, StringComparison.Ordinal);
        Assert.Equal(garbage, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(_data, "godwit.db.damaged-*"))));
    }

    [Fact]
    public async Task Start_Truncated_DeliversTheRest()
    {
        await FillAsync();
        using (FileStream file = File.OpenWrite(Database)) file.SetLength(file.Length * 8 / 10 / PageSize * PageSize);

        (List<string> received, _) = await StartDamagedAsync(sessionPresent: true);

        Assert.InRange(received.Count, Messages / 5, Messages - 1);
    }

    [Fact]
    public async Task Start_HeaderOverwritten_DeliversEverything()
    {
        await FillAsync();
        Overwrite(0, PageSize, seed: 1);

        (List<string> received, _) = await StartDamagedAsync(sessionPresent: true);

        Assert.Equal(Messages, received.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Start_BitsFlippedInPageHeaders_DeliversWhatIsNotHit(int seed)
    {
        await FillAsync();
        var random = new Random(seed);
        int pages = (int)(new FileInfo(Database).Length / PageSize);
        using (FileStream file = File.Open(Database, FileMode.Open))
        {
            // Beyond the small tables: leaves of messages and of the queue.
            for (int i = 0; i < 5; i++)
            {
                file.Position = (long)random.Next(20, pages) * PageSize;
                int type = file.ReadByte();
                file.Position--;
                file.WriteByte((byte)(type ^ 0x41)); // no page begins so
            }
        }

        (List<string> received, _) = await StartDamagedAsync(sessionPresent: true);

        Assert.InRange(received.Count, Messages / 5, Messages - 1);
    }

    // A session with messages in its queue, ended in order so that all is in the file.
    private async Task FillAsync()
    {
        await using BrokerProcess broker = BrokerProcess.Start(_data);
        int port = await broker.ListensAsync();
        using (ScriptClient keeper = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "keeper", isPersistent: true))
            await keeper.SubscribeAsync("kept", QoS.AtLeastOnce);
        using ScriptClient publisher = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "publisher");
        for (int i = 1; i <= Messages; i++) await publisher.PublishAsync("kept", Payload(i), QoS.AtLeastOnce, (ushort)i);
        for (int i = 1; i <= Messages; i++) Assert.Equal($"PUBACK m{i}", await publisher.NextAsync());
        await broker.StopAsync();
    }

    // What the session's client gets, whole and in order, and the line in the broker's log.
    private async Task<(List<string> Received, string Error)> StartDamagedAsync(bool sessionPresent)
    {
        await using BrokerProcess broker = BrokerProcess.Start(_data);
        int port = await broker.ListensAsync();
        string error = await broker.LoggedAsync("Error: The store was damaged");
        int queued = int.Parse(QueuedMessages().Match(await broker.LoggedAsync("Restored from")).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.NotEmpty(Directory.GetFiles(_data, "godwit.db.damaged-*"));
        using ScriptClient keeper = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "keeper", isPersistent: true, sessionPresent);
        List<string> received = await keeper.TakeMessagesAsync(queued);
        await keeper.ExpectNothingAsync();
        Assert.Equal(received.Select(NumberOf).Order(), received.Select(NumberOf));
        Assert.All(received, message => Assert.Equal($"kept={Payload(NumberOf(message))}", message));

        // And it works as any other.
        await keeper.SubscribeAsync("kept", QoS.AtLeastOnce);
        await keeper.PublishAsync("kept", "new", QoS.AtLeastOnce, 1);
        List<string> packets = [await keeper.NextAsync(), await keeper.NextAsync()];
        Assert.Contains("PUBACK m1", packets);
        Assert.Contains(packets, packet => packet.StartsWith("PUBLISH kept=new q1", StringComparison.Ordinal));
        await broker.StopAsync();
        return (received, error);
    }

    private void Overwrite(long position, int count, int seed)
    {
        byte[] noise = new byte[count];
        new Random(seed).NextBytes(noise);
        using FileStream file = File.OpenWrite(Database);
        file.Position = position;
        file.Write(noise);
    }

    private static string Payload(int number) => $"{number}:{new string((char)('a' + number % 26), 400)}";

    private static int NumberOf(string message) => int.Parse(message.AsSpan(5, message.IndexOf(':', StringComparison.Ordinal) - 5), CultureInfo.InvariantCulture);

    [GeneratedRegex(@" (\d+) queued messages")]
    private static partial Regex QueuedMessages();
}
