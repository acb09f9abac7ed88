// Bans of administrators over a restart, and a file that is not right.
using Godwit.Broker.Limits;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Tests.Limits;

public sealed class BanFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-bans-").FullName;

    private string FilePath => Path.Combine(_directory, "bans.json");

    [Fact]
    public void Bans_Written_AreThereAfterARestart()
    {
        var ban = new Ban
        {
            ClientId = "c", UserName = "ü", Address = "10.0.0.0/8", Reason = "why", By = "admin",
            Since = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero), Until = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        };
        var address = new Ban { Address = "192.0.2.1" };
        new BanFile(FilePath).Save(() => [ban, address]);

        Assert.Equal([ban, address], new BanFile(FilePath).Load());
        var broker = new TestShards(options: Options());
        broker.Broker.Restore();
        Assert.Equal("192.0.2.1", broker.State.Door.Bans.Find(null, null, System.Net.IPAddress.Parse("192.0.2.1"), TimeProvider.System)?.Address);
    }

    [Fact]
    public void File_NotThere_BansNobody() => Assert.Empty(new BanFile(FilePath).Load());

    [Theory]
    [InlineData("[{\"clientId\":")]
    [InlineData("[{\"reason\":\"nobody is named\"}]")]
    [InlineData("[{\"address\":\"nowhere\"}]")]
    public void File_NotRight_KeepsTheBrokerFromStarting(string content)
    {
        File.WriteAllText(FilePath, content);
        var broker = new TestShards(options: Options());

        Assert.Contains(FilePath, Assert.Throws<StoreException>(broker.Broker.Restore).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_CannotBeWritten_KeepsWhatWasThere()
    {
        var file = new BanFile(FilePath);
        file.Save(() => [new Ban { ClientId = "c" }]);

        Assert.Throws<InvalidOperationException>(() => file.Save(() => throw new InvalidOperationException()));

        Assert.Equal("c", Assert.Single(file.Load()).ClientId);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private BrokerOptions Options() => new() { Listeners = [], SysInterval = TimeSpan.Zero, BanFile = FilePath };
}
