using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Godwit.Capture.Files;
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Tests.Tls;

public class DecryptionTests
{
    public static TheoryData<SslProtocols, TlsCipherSuite> Suites { get; } = new()
    {
        { SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_GCM_SHA256 },
        { SslProtocols.Tls13, TlsCipherSuite.TLS_AES_256_GCM_SHA384 },
        { SslProtocols.Tls13, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256 },
        { SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_CCM_SHA256 },
        { SslProtocols.Tls13, TlsCipherSuite.TLS_AES_128_CCM_8_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CCM },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256 },
        { SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA },
    };

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task TLS_EverySuite_BothSidesAreDecrypted(SslProtocols version, TlsCipherSuite suite)
    {
        TlsSession session = await TlsSession.MakeAsync(version, suite);

        foreach (int piece in new[] { int.MaxValue, 1460, 3 })
        {
            var content = new RecordedStreams();
            (RecordedStream? stream, StreamConnection connection) = TlsSession.Replay(session.Wire, new LayerStreams(content, TlsSession.Secrets()), content, piece);

            AssertPlain(session, stream);
            Assert.Equal(suite, connection.Layers!.Tls!.CipherSuite);
            Assert.Equal("mqtt", connection.Layers.Tls.Protocol);
            Assert.Equal("CN=broker.example", connection.Layers.Tls.ServerCertificate!.Subject);
            Assert.True(connection.Layers.Tls.IsDecrypted && connection.Layers.Tls.IsEstablished);
            Assert.Empty(connection.Layers.Remarks);
            LayerBytes bytes = connection.Layers.FromInitiator;
            Assert.Equal(session.Wire.Where(sent => sent.From == Side.Initiator).Sum(sent => sent.Bytes.Length), session.Plain[0].Length + bytes.TlsHandshake + bytes.TlsRecords);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_NoSecrets_WhatIsKnownIsSaid(SslProtocols version)
    {
        TlsSession session = await TlsSession.MakeAsync(version);
        var content = new RecordedStreams();

        (RecordedStream? stream, StreamConnection connection) = TlsSession.Replay(session.Wire, new LayerStreams(content), content);

        TlsInfo tls = connection.Layers!.Tls!;
        Assert.Null(stream);
        Assert.Equal(version == SslProtocols.Tls12 ? "TLS 1.2" : "TLS 1.3", tls.VersionName);
        Assert.Equal("broker.example", tls.ServerName);
        Assert.Equal(["mqtt"], tls.OfferedProtocols);
        Assert.Equal(version == SslProtocols.Tls12 ? "CN=broker.example" : null, tls.ServerCertificate?.Subject);
        Assert.True(tls.IsEstablished);
        Assert.False(tls.IsDecrypted);
        LayerRemark remark = Assert.Single(connection.Layers.Remarks);
        Assert.Equal(LayerRemarkKind.Sealed, remark.Kind);
        Assert.Contains("key log", remark.Sentence);
        Assert.Contains(tls.CipherSuite.ToString()!, remark.Sentence);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_SecretsComeLater_WhatWaitedIsDecrypted(SslProtocols version)
    {
        TlsSession session = await TlsSession.MakeAsync(version);
        string file = Path.GetTempFileName();
        var content = new RecordedStreams();
        var layers = new LayerStreams(content, new TlsKeyLog(file));
        IStreamConsumer consumer = layers.Open(TlsSession.Connection());

        TlsSession.Play(session.Wire, consumer);
        Assert.Empty(content.All);
        Assert.True(layers.Waiting > 0);
        File.Copy(TlsSession.KeyLogFile, file, overwrite: true);
        layers.Refresh();

        AssertPlain(session, content.Single);
        Assert.Equal(0, layers.Waiting);
        File.Delete(file);
    }

    [Fact]
    public async Task TLS_SecretsNeverCome_WaitingIsBounded()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13, messages: 20);
        var content = new RecordedStreams();
        var layers = new LayerStreams(content, new TlsKeyLog(Path.Combine(Path.GetTempPath(), "there-is-no-such-file")), options: new LayerOptions { MaxWaitingPerConnection = 50_000 });
        StreamConnection connection = TlsSession.Connection();
        IStreamConsumer consumer = layers.Open(connection);

        foreach (Sent sent in session.Wire)
        {
            TlsSession.Play([sent], consumer);
            Assert.True(layers.Waiting <= 50_000 + RecordHeader.LongestFragment);
        }

        Assert.Equal(0, layers.Waiting);
        Assert.Contains("does not exist", Assert.Single(connection.Layers!.Remarks).Sentence);
    }

    [Fact]
    public async Task TLS_SecretsInTheCapture_AreUsed()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        var content = new RecordedStreams();
        var layers = new LayerStreams(content);

        layers.OnSecrets(SecretsType.TlsKeyLog, File.ReadAllBytes(TlsSession.KeyLogFile));
        (RecordedStream? stream, _) = TlsSession.Replay(session.Wire, layers, content);

        AssertPlain(session, stream);
    }

    [Fact]
    public async Task TLS_NothingAboutTheHandshakeInTheLog_ContentIsDecrypted()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        var content = new RecordedStreams();
        var layers = new LayerStreams(content);
        layers.Secrets.Add(Encoding.ASCII.GetBytes(string.Join('\n', File.ReadLines(TlsSession.KeyLogFile).Where(line => line.Contains("_TRAFFIC_SECRET_0", StringComparison.Ordinal)))));

        (RecordedStream? stream, _) = TlsSession.Replay(session.Wire, layers, content, piece: 100);

        AssertPlain(session, stream);
    }

    [Fact]
    public async Task TLS_AnswersBeforeTheirQuestions_IsDecrypted()
    {
        // Captures of several queues may swap frames of the two directions.
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls12);
        var content = new RecordedStreams();
        Sent[] swapped = [.. session.Wire.Where(sent => sent.From == Side.Initiator), .. session.Wire.Where(sent => sent.From == Side.Responder)];

        (RecordedStream? stream, _) = TlsSession.Replay(swapped, new LayerStreams(content, TlsSession.Secrets()), content);

        AssertPlain(session, stream);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_AES_256_GCM_SHA384, SslProtocols.Tls13, 1)]
    [InlineData(TlsCipherSuite.TLS_AES_256_GCM_SHA384, SslProtocols.Tls13, 4)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, SslProtocols.Tls12, 1)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, SslProtocols.Tls12, 4)]
    public async Task TLS_RecordsAreMissing_TheRestIsFoundAndTheGapIsExact(TlsCipherSuite suite, SslProtocols version, int missing)
    {
        TlsSession session = await TlsSession.MakeAsync(version, suite, messages: 12, largest: 3000);
        List<Sent> records = session.Records();
        int[] ofClient = [.. Enumerable.Range(0, records.Count).Where(i => records[i].From == Side.Initiator && records[i].Bytes[0] == (byte)RecordType.ApplicationData)];
        int first = ofClient.Length - 3 - missing;

        foreach (int cut in new[] { 0, 7, 20 }) // bytes of the first missing record that are there, and of the first one that is there that are not
        {
            var content = new RecordedStreams();
            var layers = new LayerStreams(content, TlsSession.Secrets());
            IStreamConsumer consumer = layers.Open(TlsSession.Connection());
            long gap = 0;
            for (int i = 0; i < records.Count; i++)
            {
                int place = Array.IndexOf(ofClient, i);
                bool isMissing = place >= first && place < first + missing;
                if (isMissing && place == first && cut > 0) TlsSession.Play([new Sent(Side.Initiator, records[i].Bytes[..cut])], consumer);
                if (isMissing) gap += records[i].Bytes.Length - (place == first ? cut : 0);
                if (isMissing && place == first + missing - 1) consumer.OnGap(Side.Initiator, gap, new Arrival(i, i));
                if (!isMissing) TlsSession.Play([records[i]], consumer, piece: 900);
            }

            byte[] expected = session.Plain[0].ToArray(), seen = content.Single.BytesOf(Side.Initiator);
            Assert.Equal(expected.Length, seen.Length);
            Assert.Equal(expected[^100..].AsSpan()[90..].ToArray(), seen[^10..]);
            Assert.Equal(session.Plain[1].ToArray(), content.Single.BytesOf(Side.Responder));
        }
    }

    [Fact]
    public async Task TLS_GapWithCbc_TheDirectionIsLostAndTheOtherIsNot()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls12, TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA);
        var content = new RecordedStreams();
        StreamConnection connection = TlsSession.Connection();
        IStreamConsumer consumer = new LayerStreams(content, TlsSession.Secrets()).Open(connection);

        TlsSession.Play(session.Wire.Take(6), consumer);
        consumer.OnGap(Side.Initiator, 10, default);
        TlsSession.Play(session.Wire.Skip(6), consumer);

        Assert.Equal(LayerRemarkKind.Lost, Assert.Single(connection.Layers!.Remarks).Kind);
        Assert.Equal(session.Plain[1].ToArray(), content.Single.BytesOf(Side.Responder));
    }

    [Fact]
    public async Task TLS_BeginningIsMissing_IsSaid()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        var content = new RecordedStreams();

        (RecordedStream? stream, StreamConnection connection) = TlsSession.Replay(session.Wire.Skip(4), new LayerStreams(content, TlsSession.Secrets()), content);

        Assert.Null(stream);
        Assert.Contains("beginning of the connection is not in the capture", Assert.Single(connection.Layers!.Remarks).Sentence);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_SessionIsContinued_IsDecrypted(SslProtocols version)
    {
        await TlsSession.MakeAsync(version, messages: 1, resumes: true);
        TlsSession session = await TlsSession.MakeAsync(version, resumes: true);
        var content = new RecordedStreams();

        (RecordedStream? stream, StreamConnection connection) = TlsSession.Replay(session.Wire, new LayerStreams(content, TlsSession.Secrets()), content);

        Assert.True(connection.Layers!.Tls!.IsResumed);
        AssertPlain(session, stream);
    }

    [Fact]
    public async Task TLS_FirstEncryptedRecordIsAsShortAsAnAlert_IsSaid()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        List<Sent> records = session.Records();
        int first = records.FindIndex(record => record.From == Side.Initiator && record.Bytes[0] == (byte)RecordType.ApplicationData);
        var content = new RecordedStreams();

        (_, StreamConnection connection) = TlsSession.Replay([.. records[..first], new Sent(Side.Initiator, [23, 3, 3, 0, 19, .. new byte[19]])], new LayerStreams(content), content);

        LayerRemark remark = Assert.Single(connection.Layers!.Remarks, remark => remark.Kind == LayerRemarkKind.Ending);
        Assert.Contains("does not accept the certificate", remark.Sentence);
        Assert.False(connection.Layers.Tls!.IsEstablished);
    }

    [Fact]
    public async Task TLS_ServerDoesNotSpeakIt_IsSaid()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        var content = new RecordedStreams();

        (_, StreamConnection connection) = TlsSession.Replay([session.Wire[0], new Sent(Side.Responder, "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray())], new LayerStreams(content), content);

        Assert.Contains(connection.Layers!.Remarks, remark => remark.Sentence.Contains("port without TLS"));
    }

    [Fact]
    public async Task TLS_NoAnswer_IsSaid()
    {
        TlsSession session = await TlsSession.MakeAsync(SslProtocols.Tls13);
        var content = new RecordedStreams();

        (_, StreamConnection connection) = TlsSession.Replay([session.Wire[0]], new LayerStreams(content), content);

        Assert.Equal(LayerRemarkKind.Unfinished, Assert.Single(connection.Layers!.Remarks).Kind);
    }

    private static void AssertPlain(TlsSession session, RecordedStream? stream)
    {
        Assert.NotNull(stream);
        Assert.Equal(session.Plain[0].ToArray(), stream.BytesOf(Side.Initiator));
        Assert.Equal(session.Plain[1].ToArray(), stream.BytesOf(Side.Responder));
    }
}
