// The real broker on a disk without room: it refuses what it cannot keep, goes on with what needs no store, and recovers by itself.
using System.Globalization;
using Xunit.Abstractions;

namespace Godwit.Crash.Tests.Disk;

public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int MostMessages = 20_000;

    private static readonly string Padding = new('x', 1000);

    private readonly string _data = Directory.CreateTempSubdirectory("godwit-full-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public Task FullDisk_FileSizeLimit_RefusesWhatItCannotKeepAndRecovers() => FillAndRecoverAsync(new FileSizeLimit());

    [Fact]
    public async Task FullDisk_FileSystem_RefusesWhatItCannotKeepAndRecovers()
    {
        if (SmallFileSystem.IsAvailable()) await FillAndRecoverAsync(new SmallFileSystem());
        else output.WriteLine("report: a full disk was tried with a file size limit only: unshare -rm does not work here");
    }

    private async Task FillAndRecoverAsync(SmallDisk disk)
    {
        List<string> kept = [];
        await using (BrokerProcess broker = disk.Start(_data))
        {
            int port = await broker.ListensAsync();
            using (ScriptClient keeper = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "keeper", isPersistent: true))
                await keeper.SubscribeAsync("kept/#", QoS.AtLeastOnce);
            using ScriptClient old = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "old");
            using ScriptClient new5 = await ScriptClient.ConnectAsync(port, ProtocolVersion.V5, "new");
            using ScriptClient live = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "live");
            await live.SubscribeAsync("live", QoS.AtMostOnce);
            disk.Shrink(broker, _data);

            Task<string> failure = broker.LoggedAsync(" fails: ");
            using ScriptClient filler = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "filler");
            Task<string> acknowledgement = await FillAsync(filler, failure, kept);
            Assert.Contains("Error: ", await failure, StringComparison.Ordinal);

            // It may have recovered by writing its log back; now it cannot.
            disk.Exhaust(broker, _data);
            using ScriptClient noticer = await ScriptClient.ConnectAsync(port, ProtocolVersion.V311, "noticer");
            await noticer.PublishAsync("kept/noticer", "1", QoS.AtLeastOnce, 1);
            kept.Add("kept/noticer=1");
            await broker.UntilAsync(log => Occurrences(log, " fails: ") > Occurrences(log, " works again"));
            await noticer.ExpectNothingAsync();

            // MQTT 5 is told; before, there is no acknowledgement.
            await new5.PublishAsync("kept/refused", "1", QoS.AtLeastOnce, 1);
            await new5.PublishAsync("kept/refused", "2", QoS.ExactlyOnce, 2);
            Assert.StartsWith("PUBACK m1 97", await new5.NextAsync(), StringComparison.Ordinal);
            Assert.StartsWith("PUBREC m2 97", await new5.NextAsync(), StringComparison.Ordinal);
            await old.PublishAsync("kept/old", "1", QoS.AtLeastOnce, 1);
            await old.ExpectNothingAsync();
            kept.Add("kept/old=1");
            using (ScriptClient refused = await ScriptClient.OpenAsync(port, ProtocolVersion.V5, "refused", isPersistent: true))
                Assert.StartsWith("CONNACK 00 88", await refused.NextAsync(), StringComparison.Ordinal);
            using (ScriptClient refused = await ScriptClient.OpenAsync(port, ProtocolVersion.V311, "refused", isPersistent: true))
                Assert.Equal("CONNACK 00 03", await refused.NextAsync());

            // QoS 0 goes on.
            await old.PublishAsync("live", "now", QoS.AtMostOnce, 0);
            Assert.Equal("PUBLISH live=now q0", await live.NextAsync());

            disk.MakeRoom(broker, _data);
            await broker.UntilAsync(log => Occurrences(log, " fails: ") == Occurrences(log, " works again"));
            Assert.Equal("PUBACK m1", await old.NextAsync());
            Assert.Equal("PUBACK m1", await noticer.NextAsync());
            Assert.StartsWith("PUBACK", await acknowledgement, StringComparison.Ordinal);
            await new5.PublishAsync("kept/new", "1", QoS.AtLeastOnce, 3);
            Assert.StartsWith("PUBACK m3", await new5.NextAsync(), StringComparison.Ordinal);
            kept.Add("kept/new=1");
            CopyAsAfterCrash(disk.Seen(broker, _data), _data);
            await broker.KillAsync();
        }

        await using BrokerProcess restarted = BrokerProcess.Start(_data);
        using ScriptClient again = await ScriptClient.ConnectAsync(
            await restarted.ListensAsync(), ProtocolVersion.V311, "keeper", isPersistent: true, sessionPresent: true);
        Assert.Equal(kept, (await again.TakeMessagesAsync(kept.Count)).Select(message => message.Replace(Padding, "", StringComparison.Ordinal)));
        await again.ExpectNothingAsync();
        await restarted.StopAsync();
    }

    // Publishes until the store fails; the last message waits for its acknowledgement then.
    private static async Task<Task<string>> FillAsync(ScriptClient filler, Task failure, List<string> kept)
    {
        for (int i = 1; i <= MostMessages; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            await filler.PublishAsync("kept/filler", number + Padding, QoS.AtLeastOnce, (ushort)i);
            kept.Add($"kept/filler={number}");
            Task<string> acknowledgement = filler.NextAsync();
            if (await Task.WhenAny(acknowledgement, failure) == failure) return acknowledgement;
            Assert.Equal($"PUBACK m{number}", await acknowledgement);
        }
        throw new InvalidOperationException($"The disk is not full after {MostMessages} messages.");
    }

    private static int Occurrences(string log, string words) => log.Split(words).Length - 1;

    // A file system of the process's own goes with it.
    private static void CopyAsAfterCrash(string from, string to)
    {
        if (from == to) return;
        foreach (string file in (string[])["godwit.db", "godwit.db-wal"]) File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }
}
