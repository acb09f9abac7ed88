// Settings that are right on their own and do not go together.
using Godwit.Broker;
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Reading;

internal static class Checks
{
    private const int MostBans = 10_000;

    public static void Run(EffectiveSettings all, Action<SettingProblem> wrong)
    {
        if (Find("acl_file") is { } acl && Find("policy") is { } policy)
            Wrong(policy, $"{Called(Security("acl_file"), acl)} or {Called(Security("policy"), policy)}: one of them decides.");
        Setting level = BrokerDescription.Store.Find("ack_level")!, data = BrokerDescription.Store.Find("data")!;
        if (all.Find(level) is { Value: "os" or "fsync" } durable && all.Settings.DataDirectory is null)
            Wrong(durable, $"{Called(level, durable)} os and fsync need a store: {(durable.Origin.Kind == OriginKind.CommandLine ? "--data DIR" : "data: DIR")}.");
        if (all.Settings.Listeners.Count == 0) wrong(new SettingProblem(Origin.Default, "listeners is an empty list: nobody could connect."));
        foreach ((Block block, ListenerSettings listener) in (all.FindList(ListenerDescription.Section) ?? []).Zip(all.Settings.Listeners)) CheckListener(block, listener);
        foreach (Block block in all.FindList(ClassDescription.Section) ?? [])
        {
            if (block.Values.GetValueOrDefault(ClassDescription.Section.Find("max_packet_size")!) is { Value: long size } own && size > all.Settings.Broker.MaximumPacketSize)
                Wrong(own, $"max_packet_size of a class is at most that of all, {Units.WriteSize(all.Settings.Broker.MaximumPacketSize)} (limits.max_packet_size).");
        }

        foreach (Block block in all.FindList(BanDescription.Section) ?? [])
        {
            if (!block.Values.Keys.Any(BanDescription.SaysWhom)) wrong(new SettingProblem(block.Origin, "Who is banned? client_id, user_name or address is missing."));
        }
        if (all.Settings.Broker.Bans.Count > MostBans) wrong(new SettingProblem(all.FindList(BanDescription.Section)![MostBans].Origin, $"There may be {MostBans} bans: ban networks."));

        void CheckListener(Block block, ListenerSettings listener)
        {
            bool isCommandLine = block.Origin.Kind == OriginKind.CommandLine;
            if (!block.Values.ContainsKey(ListenerDescription.Listen)) wrong(new SettingProblem(block.Origin, "Where does this listener listen? listen: URI is missing."));
            foreach (Setting setting in block.Values.Keys.Where(s => !ListenerFactory.Concerns(s, listener.Listen)))
                Wrong(block.Values[setting], $"{setting.Name} has no meaning for {listener.Listen}.");
            ListenerFactory.Make(listener, all.Settings.DataDirectory is not null, name => NameIn(isCommandLine, ListenerDescription.Section.Find(name)!), (name, message) =>
                wrong(new SettingProblem(block.Values.GetValueOrDefault(ListenerDescription.Section.Find(name)!)?.Origin ?? block.Origin, message)));
        }

        Setting Security(string name) => BrokerDescription.Security.Find(name)!;
        Assigned? Find(string name) => all.Find(Security(name));
        string Called(Setting setting, Assigned assigned) => NameIn(assigned.Origin.Kind == OriginKind.CommandLine, setting);
        void Wrong(Assigned assigned, string message) => wrong(new SettingProblem(assigned.Origin, message));
    }

    /// <summary>What a setting is called where it was written.</summary>
    public static string NameIn(bool isCommandLine, Setting setting) => isCommandLine && setting.Option is { } option ? option : setting.Name;
}
