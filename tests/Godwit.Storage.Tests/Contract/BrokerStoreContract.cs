// What every implementation of the port does: to test one, derive a class that opens it.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Storage.Tests.Contract;

public abstract class BrokerStoreContract : IDisposable
{
    private IBrokerStore? _store;

    /// <summary>The store under test.</summary>
    protected IBrokerStore Store => _store ??= Open();

    /// <summary>Opens the store; after the first time what was written before is there.</summary>
    protected abstract IBrokerStore Open();

    protected void Reopen()
    {
        _store?.Dispose();
        _store = null;
    }

    protected virtual void Dispose(bool disposing) => _store?.Dispose();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Load_NewStore_IsEmpty()
    {
        Assert.Empty(StoreDump.Of(Store, out StoreCounters counters));
        Assert.Equal(default, counters);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Commit_EveryKindOfRow_IsReadBackAsItWas(bool isSynced)
    {
        Write(isSynced, store =>
        {
            store.PutSession(new StoredSession(1, "client 'Ü' 1", "user", 0xFFFFFFFF, 1_700_000_000_000, 1_700_000_000_001, true, 41));
            store.PutSession(new StoredSession(2, "", null, 0, 0, 0, false, 0));
            store.PutSubscription(1, "a/+/€"u8, 0x2E, 268_435_455);
            store.PutSubscription(1, "$share/group/a/#"u8, 0, 0);
            store.AddReceived(1, 1);
            store.AddReceived(1, 65_535);
            store.PutWill(1, new StoredWill(5, 7, 1_700_000_000_002), Message("will", [0, 1, 255]));
            store.PutWill(2, new StoredWill(uint.MaxValue, null, null), new StoredMessage { Topic = "w"u8 });
            store.PutSharedQueue(3, "group", "a/#"u8);
            store.AddMessage(10, Message("topic/ü", [1, 2, 3]), 2);
            store.AddMessage(11, new StoredMessage { Topic = "t"u8, Retain = true, ReceivedAt = -1 }, 1);
            store.AddDelivery(new StoredDelivery { Queue = 1, Sequence = 42, MessageId = 10, QoS = QoS.ExactlyOnce, Retain = true, Size = 99, Identifiers = [1, 268_435_455] });
            store.AddDelivery(new StoredDelivery { Queue = 3, Sequence = 1, MessageId = 10, QoS = QoS.AtLeastOnce, Size = 1 });
            store.AddDelivery(new StoredDelivery { Queue = 3, Sequence = 2, MessageId = 11 });
            store.AddDelivery(new StoredDelivery { Queue = 3, Sequence = 3, QoS = QoS.ExactlyOnce, Size = 5 });
            store.PutRetained(Message("retained", [9]));
        });

        string[] expected =
        [
            "StoredQueue { Queue = 1, Count = 1, Bytes = 99, LastSequence = 42 }",
            "StoredQueue { Queue = 3, Count = 3, Bytes = 6, LastSequence = 3 }",
            "StoredSession { Queue = 1, ClientId = client 'Ü' 1, UserName = user, ExpiryInterval = 4294967295, CreatedAt = 1700000000000, SeenAt = 1700000000001, IsConnected = True, SentSequence = 41 }",
            "StoredSession { Queue = 2, ClientId = , UserName = , ExpiryInterval = 0, CreatedAt = 0, SeenAt = 0, IsConnected = False, SentSequence = 0 }",
            "delivery 1 42 ExactlyOnce True 99 1,268435455 10 [topic/ü 010203 0909 AtLeastOnce False publisher 123 456]",
            "delivery 3 1 AtLeastOnce False 1 - 10 [topic/ü 010203 0909 AtLeastOnce False publisher 123 456]",
            "delivery 3 2 AtMostOnce False 0 - 11 [t   AtMostOnce True - -1 ]",
            "delivery 3 3 ExactlyOnce False 5 - 0 [   AtMostOnce False - 0 ]",
            "received 1 1",
            "received 1 65535",
            "retained [retained 09 0909 AtLeastOnce False publisher 123 456]",
            "shared 3 group a/#",
            "subscription 1 $share/group/a/# 0 0",
            "subscription 1 a/+/€ 46 268435455",
            "will 1 StoredWill { DelaySeconds = 5, ExpirySeconds = 7, DueAt = 1700000000002 } [will 0001FF 0909 AtLeastOnce False publisher 123 456]",
            "will 2 StoredWill { DelaySeconds = 4294967295, ExpirySeconds = , DueAt =  } [w   AtMostOnce False - 0 ]",
        ];
        for (int i = 0; i < 2; i++)
        {
            Reopen();
            Assert.Equal(expected.Order(StringComparer.Ordinal), StoreDump.Of(Store, out StoreCounters counters));
            Assert.Equal(new StoreCounters(3, 11), counters);
        }
    }

    [Fact]
    public void Put_Again_Replaces()
    {
        Write(true, store =>
        {
            store.PutSession(new StoredSession(1, "c", "u", 1, 1, 1, true, 1));
            store.PutSubscription(1, "f"u8, 1, 1);
            store.PutWill(1, new StoredWill(1, 1, 1), Message("w", [1]));
            store.PutRetained(Message("r", [1]));
            store.PutSharedQueue(2, "s", "f"u8);
            store.AddReceived(1, 5);
        });
        Write(true, store =>
        {
            store.PutSession(new StoredSession(1, "c", null, 2, 2, 2, false, 2));
            store.PutSubscription(1, "f"u8, 2, 0);
            store.PutWill(1, new StoredWill(2, null, null), Message("w2", []));
            store.PutRetained(Message("r", [2]));
            store.PutSharedQueue(2, "s2", "f2"u8);
            store.AddReceived(1, 5);
        });
        Reopen();

        string[] expected =
        [
            "StoredSession { Queue = 1, ClientId = c, UserName = , ExpiryInterval = 2, CreatedAt = 2, SeenAt = 2, IsConnected = False, SentSequence = 2 }",
            "received 1 5",
            "retained [r 02 0909 AtLeastOnce False publisher 123 456]",
            "shared 2 s2 f2",
            "subscription 1 f 2 0",
            "will 1 StoredWill { DelaySeconds = 2, ExpirySeconds = , DueAt =  } [w2  0909 AtLeastOnce False publisher 123 456]",
        ];
        Assert.Equal(expected, StoreDump.Of(Store));
    }

    [Fact]
    public void Remove_WhatIsNotThere_IsNoError()
    {
        Write(true, store =>
        {
            store.RemoveSession(1);
            store.RemoveSubscription(1, "f"u8);
            store.RemoveReceived(1, 1);
            store.RemoveWill(1);
            store.RemoveSharedQueue(1);
            store.RemoveRetained("t"u8);
            store.RemoveDelivery(1, 1, 1);
            store.ReleaseDelivery(1, 1, 1);
        });

        Assert.Empty(StoreDump.Of(Store));
    }

    [Fact]
    public void RemoveSession_WithAllThatBelongsToIt_LeavesTheOthers()
    {
        Write(true, store =>
        {
            for (int queue = 1; queue <= 2; queue++)
            {
                store.PutSession(new StoredSession(queue, $"c{queue}", null, 0, 0, 0, false, 0));
                store.PutSubscription(queue, "f"u8, 0, 0);
                store.AddReceived(queue, 1);
                store.PutWill(queue, new StoredWill(0, null, null), Message("w", []));
            }
            store.AddMessage(1, Message("both", [1]), 3);
            store.AddMessage(2, Message("one", [1]), 1);
            store.AddDelivery(Delivery(1, 1, 1));
            store.AddDelivery(Delivery(1, 2, 2));
            store.AddDelivery(Delivery(1, 3, 0));
            store.AddDelivery(Delivery(1, 4, 1));
            store.AddDelivery(Delivery(2, 1, 1));
        });
        Write(true, store => store.RemoveSession(1));
        Reopen();

        IReadOnlyList<string> lines = StoreDump.Of(Store);
        Assert.Equal(6, lines.Count);
        Assert.DoesNotContain(lines, line => line.Contains("c1", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("delivery 2 1 ", StringComparison.Ordinal) && line.Contains("[both 01", StringComparison.Ordinal));
        Assert.Equal([true, false], HasMessages(1, 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RemoveEnded_AfterALongQueue_RemovesTheRestInPieces(bool isShared)
    {
        const int Places = 3 * SqliteStore.MostRemovedAtOnce;
        Write(false, store =>
        {
            if (isShared) store.PutSharedQueue(7, "g", "f"u8);
            else store.PutSession(new StoredSession(7, "c", null, 0, 0, 0, false, 0));
            store.PutSession(new StoredSession(1, "other", null, 0, 0, 0, false, 0));
            store.AddMessage(1, Message("both", [1]), 2);
            store.AddDelivery(Delivery(1, 1, 1));
            store.AddDelivery(Delivery(7, 1, 1));
            for (int i = 2; i <= Places; i++)
            {
                store.AddMessage(i, Message("one", [1]), 1);
                store.AddDelivery(Delivery(7, i, i));
            }
        });
        Write(false, store =>
        {
            if (isShared) store.RemoveSharedQueue(7);
            else store.RemoveSession(7);
        });
        Reopen();
        Assert.True(Store.Load(new StoreDump()).LastQueue >= 7); // the number is not to be given again as long as something of it is left
        int pieces = 0;
        for (bool isMore = true; isMore && pieces <= 10; pieces++) Write(false, store => isMore = store.RemoveEnded());

        Assert.InRange(pieces, 2, 10);
        IReadOnlyList<string> lines = StoreDump.Of(Store);
        Assert.Equal(3, lines.Count); // the other session, its queue, its message
        Assert.Equal([true, false, false], HasMessages(1, 2, Places));
    }

    [Fact]
    public void RemoveSharedQueue_TakesItsMessagesWithIt()
    {
        Write(true, store =>
        {
            store.PutSharedQueue(5, "s", "f"u8);
            store.AddMessage(1, Message("t", [1]), 1);
            store.AddDelivery(Delivery(5, 1, 1));
        });
        Write(true, store => store.RemoveSharedQueue(5));

        Assert.Empty(StoreDump.Of(Store));
        Assert.Equal([false], HasMessages(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void RemoveDelivery_OneAfterTheOther_TakesTheMessageWithTheLast(int queues)
    {
        Write(true, store =>
        {
            store.AddMessage(7, Message("t", [1]), queues);
            for (int queue = 1; queue <= queues; queue++) store.AddDelivery(Delivery(queue, 1, 7));
        });

        for (int queue = 1; queue <= queues; queue++)
        {
            Assert.Equal([true], HasMessages(7));
            Assert.Single(StoreDump.OfQueue(Store, queue));
            Write(true, store => store.RemoveDelivery(queue, 1, 7));
            Assert.Empty(StoreDump.OfQueue(Store, queue));
        }
        Assert.Equal([false], HasMessages(7));
    }

    [Fact]
    public void RemoveDelivery_Twice_CountsOnce()
    {
        Write(true, store =>
        {
            store.AddMessage(7, Message("t", [1]), 2);
            store.AddDelivery(Delivery(1, 1, 7));
            store.AddDelivery(Delivery(2, 1, 7));
        });
        Write(true, store => store.RemoveDelivery(1, 1, 7));
        Write(true, store => store.RemoveDelivery(1, 1, 7));

        Assert.Equal([true], HasMessages(7));
        Assert.Single(StoreDump.OfQueue(Store, 2));
    }

    [Fact]
    public void ReleaseDelivery_KeepsThePlaceAndLetsTheMessageGo()
    {
        Write(true, store =>
        {
            store.AddMessage(7, Message("t", [1]), 2);
            store.AddDelivery(Delivery(1, 1, 7));
            store.AddDelivery(Delivery(2, 1, 7));
        });
        Write(true, store => store.ReleaseDelivery(1, 1, 7));
        Assert.Equal(["delivery 1 1 AtLeastOnce False 10 - 0 [   AtMostOnce False - 0 ]"], StoreDump.OfQueue(Store, 1));
        Assert.Equal([true], HasMessages(7));

        Write(true, store => store.ReleaseDelivery(2, 1, 7));
        Assert.Equal([false], HasMessages(7));

        Write(true, store =>
        {
            store.RemoveDelivery(1, 1, 0);
            store.RemoveDelivery(2, 1, 0);
        });
        Assert.Empty(StoreDump.Of(Store));
    }

    [Fact]
    public void AddReferences_MessageThatIsThere_StaysUntilTheLast()
    {
        Write(true, store =>
        {
            store.AddMessage(7, Message("t", [1]), 1);
            store.AddDelivery(Delivery(1, 1, 7));
        });
        Write(true, store =>
        {
            Assert.True(store.AddReferences(7, 2));
            store.AddDelivery(Delivery(2, 1, 7));
            store.AddDelivery(Delivery(3, 1, 7));
            Assert.False(store.AddReferences(8, 1));
        });
        for (int queue = 1; queue <= 3; queue++)
        {
            Assert.Equal([true], HasMessages(7));
            Write(true, store => store.RemoveDelivery(queue, 1, 7));
        }

        Assert.Equal([false], HasMessages(7));
    }

    [Fact]
    public void Rollback_EverythingSinceBegin_IsAsIfItHadNotBeen()
    {
        Write(true, store =>
        {
            store.PutSession(new StoredSession(1, "c", null, 0, 0, 0, false, 0));
            store.AddMessage(1, Message("t", [1]), 1);
            store.AddDelivery(Delivery(1, 1, 1));
        });
        IReadOnlyList<string> before = StoreDump.Of(Store);

        Store.Begin(isSynced: true);
        Store.PutSession(new StoredSession(2, "d", null, 0, 0, 0, false, 0));
        Store.RemoveSession(1);
        Store.AddMessage(2, Message("t", [1]), 1);
        Store.PutRetained(Message("r", [1]));
        Store.Rollback();

        Assert.Equal(before, StoreDump.Of(Store));
        Write(true, store => store.RemoveSession(1));
        Reopen();
        Assert.Empty(StoreDump.Of(Store));
    }

    [Theory]
    [InlineData(0, 100, 1000, 1, 10)]
    [InlineData(3, 100, 1000, 4, 10)]
    [InlineData(0, 4, 1000, 1, 4)]
    [InlineData(0, 100, 30, 1, 3)]
    [InlineData(0, 100, 25, 1, 3)]
    [InlineData(5, 100, 1, 6, 6)]
    [InlineData(10, 100, 1000, 1, 0)]
    public void ReadQueue_Limits_AreKept(long after, int maximumCount, long maximumBytes, long first, long last)
    {
        Write(true, store =>
        {
            for (int i = 1; i <= 10; i++)
            {
                store.AddMessage(i, Message("t", [(byte)i]), 1);
                store.AddDelivery(Delivery(1, i, i));
                store.AddDelivery(Delivery(2, 100 + i, 0));
            }
        });

        IEnumerable<string> expected = Enumerable.Range(0, (int)(last - first + 1)).Select(i => $"delivery 1 {first + i} ");
        IReadOnlyList<string> lines = StoreDump.OfQueue(Store, 1, after, maximumCount, maximumBytes);
        Assert.Equal(expected, lines.Select(line => line[..(line.IndexOf("At", StringComparison.Ordinal))]));
    }

    [Fact]
    public void ReadQueue_InATransaction_SeesIt()
    {
        Store.Begin(isSynced: true);
        Store.AddMessage(1, Message("t", [1]), 1);
        Store.AddDelivery(Delivery(1, 1, 1));
        Assert.Single(StoreDump.OfQueue(Store, 1));
        Store.Rollback();
        Assert.Empty(StoreDump.OfQueue(Store, 1));
    }

    [Fact]
    public void Message_OfMegabytes_IsReadBack()
    {
        byte[] payload = new byte[3_000_000];
        new Random(1).NextBytes(payload);
        Write(false, store =>
        {
            store.AddMessage(1, Message("t", payload), 1);
            store.AddDelivery(Delivery(1, 1, 1));
        });
        Reopen();

        Assert.Contains(Convert.ToHexString(payload), StoreDump.OfQueue(Store, 1).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_AtRandom_AgreeWithAModel()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            using var model = new ModelStore();
            var operations = new RandomOperations(seed);
            Write(true, Clear);
            for (int transaction = 0; transaction < 30; transaction++)
            {
                operations.RunTransaction(model, Store, isSynced: transaction % 10 == 0);
                if (transaction % 10 == 9)
                {
                    Reopen();
                    Assert.Equal(StoreDump.Of(model), StoreDump.Of(Store));
                    Assert.Equal(operations.MessageIds.Select(model.HasMessage), HasMessages([.. operations.MessageIds]));
                }
            }
        }
    }

    protected static StoredMessage Message(string topic, ReadOnlySpan<byte> payload) => new()
    {
        Topic = Encoding.UTF8.GetBytes(topic),
        Payload = payload,
        Properties = new byte[] { 9, 9 },
        QoS = QoS.AtLeastOnce,
        PublisherId = "publisher",
        ReceivedAt = 123,
        ExpiresAt = 456,
    };

    protected static StoredDelivery Delivery(long queue, long sequence, long message) =>
        new() { Queue = queue, Sequence = sequence, MessageId = message, QoS = QoS.AtLeastOnce, Size = 10 };

    protected void Write(bool isSynced, Action<IBrokerStore> write)
    {
        Store.Begin(isSynced);
        write(Store);
        Store.Commit();
    }

    // The port tells whether a message is there by what AddReferences answers.
    private bool[] HasMessages(params long[] ids)
    {
        Store.Begin(isSynced: true);
        bool[] answers = [.. ids.Select(id => Store.AddReferences(id, 1))];
        Store.Rollback();
        return answers;
    }

    private static void Clear(IBrokerStore store)
    {
        for (int queue = 1; queue <= RandomOperations.Queues; queue++)
        {
            store.RemoveSession(queue);
            store.RemoveSharedQueue(queue);
        }
        foreach (string topic in RandomOperations.Topics) store.RemoveRetained(Encoding.UTF8.GetBytes(topic));
    }
}
