// Many of everything: what a connection, session, subscription and retained message costs when there are very many of them, and
// whether the others notice. One mode a subject; each is bounded and ends by itself.
using Godwit.Scale;
using Godwit.Scale.Subjects;

const string Usage = """
    Godwit.Scale [SUBJECT...] [--count N] [--json] [--godwit PROGRAM]

      sessions       sessions with a subscription, offline, then connected over the in-memory transport
      subscriptions  subscriptions, a tenth of them with wildcards; matching among them
      retained       retained messages; a '#' subscriber gets them all while others exchange messages
      connections    real sockets that only ping, against a fresh `godwit broker`
      burst          connects that come all at once
      churn          1,000 subscribe and unsubscribe a second while 100 pairs exchange messages
      reload         other rules for connected clients: each of them is asked about again

    Without a subject: all of them. --count replaces the number of things (1,000,000; 18,000 connections; a burst of 10,000; a reload for 100,000).
    """;

(string Name, Action<Settings, Report> Run)[] subjects =
[
    ("sessions", SessionScale.Run),
    ("subscriptions", SubscriptionScale.Run),
    ("retained", RetainedScale.Run),
    ("connections", ConnectionScale.Run),
    ("burst", BurstScale.Run),
    ("churn", ChurnScale.Run),
    ("reload", ReloadScale.Run),
];

List<string> chosen = [];
Settings settings = new();
var report = new Report();
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--json": report.IsJson = true; break;
        case "--count" when i + 1 < args.Length && int.TryParse(args[i + 1], out int count) && count > 0:
            settings = settings with { Count = count };
            i++;
            break;
        case "--godwit" when i + 1 < args.Length: settings = settings with { GodwitProgram = args[++i] }; break;
        case var name when subjects.Any(subject => subject.Name == name): chosen.Add(name); break;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
foreach ((string name, Action<Settings, Report> run) in subjects)
{
    if (chosen.Count > 0 && !chosen.Contains(name)) continue;
    report.Begin(name);
    run(settings, report);
}
return 0;
