using System.Security.Authentication;
using System.Text;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tls;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Tls;

public class TlsFuzzTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_DamagedRecords_NothingBreaks(SslProtocols version)
    {
        TlsSession session = await TlsSession.MakeAsync(version, messages: 3, largest: 200);
        TlsKeyLog secrets = TlsSession.Secrets();
        byte[][] seeds = [.. session.Records().Select(record => (byte[])[(byte)record.From, .. record.Bytes])];

        Fuzz.Run([.. seeds], 1500, (input, random) =>
        {
            int broken = random.Next(seeds.Length);
            var layers = new LayerStreams(new RecordedStreams(), secrets);
            IStreamConsumer consumer = layers.Open(TlsSession.Connection());
            for (int i = 0; i < seeds.Length; i++)
            {
                byte[] bytes = i == broken && input.Length > 1 ? input : seeds[i];
                consumer.OnBytes((Side)(seeds[i][0] & 1), bytes.AsSpan(1), new Arrival(i + 1, i));
                if (i == broken && random.Next(4) == 0) consumer.OnGap((Side)random.Next(2), random.Next(1, 3000), new Arrival(i + 1, i));
            }
            consumer.OnEnd(Side.Initiator, (StreamEnd)random.Next(3), default);
            Assert.Equal(0, layers.Waiting);
        });
    }

    [Fact]
    public void KeyLog_DamagedText_NothingBreaks()
    {
        byte[] seed = Encoding.ASCII.GetBytes($"# x\nCLIENT_RANDOM {new string('a', 64)} {new string('b', 96)}\r\nSERVER_TRAFFIC_SECRET_0 {new string('1', 64)} {new string('2', 64)}\n");

        Fuzz.Run([seed], 100_000, (input, _) => new TlsKeyLog().Add(input));
    }
}
