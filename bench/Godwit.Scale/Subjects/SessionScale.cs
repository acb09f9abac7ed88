using Godwit.Transport;

namespace Godwit.Scale.Subjects;

/// <summary>Sessions with one subscription each: first without a connection, then connected over the in-memory transport.</summary>
internal static class SessionScale
{
    public static void Run(Settings settings, Report report)
    {
        int count = settings.Count ?? 1_000_000;
        using (var broker = new InMemoryBroker())
        {
            long before = Memory.Live();
            for (int i = 0; i < count; i++)
            {
                LoadClient client = Join(broker, i, cleanSession: false);
                client.Transport!.Write(Wire.Disconnect);
                broker.Run();
            }
            report.Add("sessions without a connection, one subscription each", broker.Broker.Statistics.Sessions, "");
            report.Add("live bytes of such a session", (double)(Memory.Live() - before) / count, "bytes");
        }
        using (var broker = new InMemoryBroker())
        {
            var clients = new LoadClient[count];
            long empty = Memory.Live();
            for (int i = 0; i < count; i++) clients[i] = new LoadClient([]);
            long before = Memory.Live();
            double plumbing = PipeBytes() + (double)(before - empty) / count;
            for (int i = 0; i < count; i++) clients[i] = Join(broker, i, cleanSession: true);
            report.Add("sessions connected over the in-memory transport, one subscription each", broker.Broker.Statistics.ClientsConnected, "");
            report.Add("live bytes of such a session, its connection, and both ends of the pipe", (double)(Memory.Live() - empty) / count, "bytes");
            report.Add("of which an in-memory pair takes without a broker, with its two handlers", plumbing, "bytes");
            GC.KeepAlive(clients);
        }
    }

    private static LoadClient Join(InMemoryBroker broker, int i, bool cleanSession)
    {
        LoadClient client = broker.Connect(new LoadClient(Wire.Connect($"device-{i:D7}", cleanSession)));
        client.Transport!.Write(Wire.Subscribe(1, $"device/{i:D7}/commands"));
        broker.Run();
        return client;
    }

    // What an idle in-memory pair takes without a broker: the client's side, the pipe, and the transport's part of the broker's side.
    private static double PipeBytes()
    {
        const int Pairs = 1000;
        EventLoopGroup loops = EventLoopGroup.Manual(TimeProvider.System);
        var handlers = new LoadClient[2 * Pairs];
        for (int i = 0; i < handlers.Length; i++) handlers[i] = new LoadClient(Wire.Pingreq);
        Open(0);
        long before = Memory.Live();
        for (int i = 1; i < Pairs; i++) Open(i);
        double pair = (double)(Memory.Live() - before) / (Pairs - 1);
        GC.KeepAlive(handlers);
        GC.KeepAlive(loops);
        return pair;

        void Open(int i)
        {
            MemoryConnection.CreatePair(loops.Loops[0], handlers[2 * i], loops.Loops[0], handlers[2 * i + 1]);
            loops.RunUntilIdle();
        }
    }
}
