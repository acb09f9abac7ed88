// The listeners of a broker. They change as a whole or not at all: whatever can fail (files, addresses) is done first, beside what is in force,
// and only then are those that stay given their new options, the new ones started and the others closed.
using System.Net;
using System.Net.Sockets;
using Godwit.Transport;

namespace Godwit.Broker.Listening;

/// <summary>Addresses that were opened and closed by a change.</summary>
/// <param name="Opened">Where the broker listens from now on.</param>
/// <param name="Closed">Where it does not any more.</param>
internal sealed record ListenerChanges(IReadOnlyList<string> Opened, IReadOnlyList<string> Closed);

internal sealed class BrokerListeners(BrokerState state, EventLoopGroup loops)
{
    private volatile OpenListener[] _open = [];

    /// <summary>Where it listens by TCP, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _open.Select(open => open.Listener.LocalEndPoint).OfType<IPEndPoint>()];

    /// <summary>Opens what can be opened without closing anything that stays.</summary>
    /// <param name="options">The broker's options with the listeners that are wanted.</param>
    /// <returns>What puts the change in force; it cannot fail.</returns>
    /// <exception cref="ListenException">An address cannot be listened on; everything is as it was.</exception>
    /// <exception cref="TransportException">A file cannot be used; everything is as it was.</exception>
    public async Task<Func<Task<ListenerChanges>>> PrepareAsync(BrokerOptions options)
    {
        List<OpenListener> left = [.. _open];
        Plan[] plans = [.. options.Listeners.Select(listener => new Plan(state, options, listener, Take(left, listener.EndPoint)))];
        foreach (Plan plan in plans) plan.LoadTls();
        OpenListener[] inTheWay = [.. left.Where(open => plans.Any(plan => plan.Former is null && IsInTheWay(open.Listener.LocalEndPoint, plan.Options.EndPoint)))];
        foreach (OpenListener open in inTheWay) await open.Listener.StopAsync().ConfigureAwait(false);
        try
        {
            foreach (Plan plan in plans.Where(plan => plan.Former is null)) plan.Bind(loops);
        }
        catch (ListenException)
        {
            foreach (Plan plan in plans) if (plan.Bound is { } bound) await bound.StopAsync().ConfigureAwait(false);
            Reopen(inTheWay);
            throw;
        }
        return () => ApplyAsync(plans, left);
    }

    /// <summary>Reads the files of TLS again.</summary>
    /// <exception cref="TransportException">One of them cannot be used; everything is as it was.</exception>
    public void ReloadCertificates()
    {
        Action[] replacements = [.. _open.Where(open => open.Tls is not null).Select(open => open.Tls!.Prepare(open.Options.Tls!))];
        foreach (Action replace in replacements) replace();
    }

    /// <summary>Closes all of them; connections go on.</summary>
    public async Task StopAsync()
    {
        foreach (OpenListener open in _open) await open.Listener.StopAsync().ConfigureAwait(false);
    }

    private async Task<ListenerChanges> ApplyAsync(Plan[] plans, List<OpenListener> closed)
    {
        foreach (Plan plan in plans) plan.Apply();
        OpenListener[] former = _open;
        _open = [.. plans.Select(plan => plan.Open())];
        foreach (OpenListener open in closed)
        {
            await open.Listener.StopAsync().ConfigureAwait(false);
            state.Log.NoLongerListening(open.Name);
        }
        OpenListener[] opened = [.. _open.Where(open => former.All(other => other.Listener != open.Listener))];
        foreach (OpenListener open in opened)
        {
            state.Log.Listening(open.Name);
            if (state.Writer is not null) state.Log.Acknowledges(state.Options.EffectiveAcknowledgement(open.Options).Name(), open.Listener.LocalEndPoint);
        }
        return new ListenerChanges([.. opened.Select(open => open.Name)], [.. closed.Select(open => open.Name)]);
    }

    // What had to make way comes back as it was, with another socket.
    private void Reopen(OpenListener[] closed)
    {
        foreach (OpenListener open in closed)
        {
            var plan = new Plan(state, open.Broker, open.Options with { EndPoint = open.Listener.LocalEndPoint }, null) { Tls = open.Tls };
            plan.Bind(loops);
            plan.Apply();
            _open = [.. _open.Select(other => other == open ? open with { Listener = plan.Listener } : other)];
        }
    }

    private static OpenListener? Take(List<OpenListener> left, EndPoint wanted)
    {
        OpenListener? found = left.Find(open => IsSame(open.Options.EndPoint, wanted)) ?? left.Find(open => IsSame(open.Listener.LocalEndPoint, wanted));
        if (found is not null) left.Remove(found);
        return found;
    }

    private static bool IsSame(EndPoint one, EndPoint other) => one.AddressFamily == other.AddressFamily && one.ToString() == other.ToString();

    // 127.0.0.1:1883 and 0.0.0.0:1883 cannot be listened on at the same time, nor can 0.0.0.0 and ::.
    private static bool IsInTheWay(EndPoint open, EndPoint wanted) =>
        open is IPEndPoint one && wanted is IPEndPoint other && one.Port == other.Port && other.Port != 0 && (IsAny(one) || IsAny(other));

    private static bool IsAny(IPEndPoint endPoint) => endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);

    private sealed record OpenListener(BrokerOptions Broker, ListenerOptions Options, Listener Listener, TlsServer? Tls)
    {
        public string Name => Options.NameOf(Listener.LocalEndPoint);
    }

    /// <summary>One of the wanted listeners, on its way to be in force.</summary>
    private sealed class Plan(BrokerState state, BrokerOptions broker, ListenerOptions options, OpenListener? former)
    {
        private Action? _takeFiles;

        public ListenerOptions Options => options;

        public OpenListener? Former => former;

        public TlsServer? Tls { get; set; }

        public Listener? Bound { get; private set; }

        public Listener Listener => Bound ?? former!.Listener;

        public void LoadTls()
        {
            if (options.Tls is not { } tls) return;
            Tls = former?.Tls;
            if (Tls is null) Tls = new TlsServer(tls);
            else _takeFiles = Tls.Prepare(tls);
        }

        public void Bind(EventLoopGroup loops) => Bound = loops.Bind(options.EndPoint, Acceptor, Listen);

        public void Apply()
        {
            _takeFiles?.Invoke();
            if (Bound is null) former!.Listener.Replace(Acceptor, Listen);
            else Bound.Start();
        }

        public OpenListener Open() => new(broker, options, Listener, Tls);

        private IConnectionAcceptor Acceptor => state.AcceptorFor(new Entrance(options, broker.EffectiveAcknowledgement(options), Tls));

        private ListenOptions Listen => options.ToListen(Tls, broker, state.Door);
    }
}
