using Godwit.Protocol;

namespace Godwit.Session.Tests;

/// <summary>Random events, right and wrong ones, against the same rules written with plain lists.</summary>
public class OutboundFlowModelTests
{
    private enum Stage { Publish, Pubrel }

    private sealed record Held(ushort Id, QoS QoS, int Message)
    {
        public Stage Stage { get; set; }
        public bool IsCharged { get; set; }
        public bool IsWaiting { get; set; }
    }

    [Fact]
    public void FLOW_RandomEvents_EqualsTheModel()
    {
        RandomEvents.Check(script =>
        {
            var model = new Model();
            for (int i = 0; i + 1 < script.Length; i += 2) model.Step(script[i], script[i + 1]);
        });
    }

    private sealed class Model
    {
        private readonly OutboundFlow<int> _flow = new(8);
        private readonly List<Held> _publishes = [];
        private readonly List<Held> _pubrels = [];
        private readonly HashSet<ushort> _reserved = [];
        private int _receiveMaximum = 8;
        private int _messages;

        private int Quota => _receiveMaximum - _publishes.Concat(_pubrels).Count(held => held.IsCharged);

        private Held? NextResend => _pubrels.Concat(_publishes).FirstOrDefault(held => held.IsWaiting);

        public void Step(byte action, byte argument)
        {
            // Known identifiers mostly, so that acknowledgements hit something.
            Held[] all = [.. _pubrels, .. _publishes];
            ushort id = argument < 200 && all.Length > 0 ? all[argument % all.Length].Id : (ushort)(argument % 50);
            switch (action % 12)
            {
                case < 4: Begin((QoS)(1 + argument % 2)); break;
                case 4 or 5: Puback(id); break;
                case 6: Pubrec(id, argument % 5 == 0 ? ReasonCode.UnspecifiedError : ReasonCode.Success); break;
                case 7: Pubcomp(id); break;
                case 8: Resend(); break;
                case 9 when argument % 4 == 0: Resume(1 + argument % 30); break;
                case 10 when _reserved.Count < 20: Reserve(); break;
                case 11: Assert.Equal(_reserved.Remove(id), _flow.ReleaseId(id)); break;
            }
            Check();
        }

        private void Begin(QoS qos)
        {
            if (!_flow.CanSend) return;
            ushort id = _flow.Begin(qos, ++_messages);
            AssertUnused(id);
            _publishes.Add(new Held(id, qos, _messages) { IsCharged = true });
        }

        private void Reserve()
        {
            ushort id = _flow.ReserveId();
            AssertUnused(id);
            _reserved.Add(id);
        }

        private void Puback(ushort id)
        {
            Held? held = _publishes.Find(held => held.Id == id && held.QoS == QoS.AtLeastOnce);
            Assert.Equal(held is null ? Refusal(id) : AckOutcome.Completed, _flow.OnPuback(id, out int message));
            Assert.Equal(held?.Message ?? 0, message);
            if (held is not null) _publishes.Remove(held);
        }

        private void Pubrec(ushort id, ReasonCode code)
        {
            Held? first = _publishes.Find(held => held.Id == id && held.QoS == QoS.ExactlyOnce);
            Held? again = code.IsError() ? null : _pubrels.Find(held => held.Id == id);
            AckOutcome expected = first is null && again is null ? Refusal(id)
                : code.IsError() ? AckOutcome.Completed : AckOutcome.SendPubrel;
            Assert.Equal(expected, _flow.OnPubrec(id, code, out int message));
            Assert.Equal((first ?? again)?.Message ?? 0, message);
            if (first is null) return;
            _publishes.Remove(first);
            if (code.IsError()) return;
            first.Stage = Stage.Pubrel;
            first.IsWaiting = false;
            _pubrels.Add(first);
        }

        private void Pubcomp(ushort id)
        {
            Held? held = _pubrels.Find(held => held.Id == id);
            Assert.Equal(held is null ? Refusal(id) : AckOutcome.Completed, _flow.OnPubcomp(id, out int message));
            Assert.Equal(held?.Message ?? 0, message);
            if (held is not null) _pubrels.Remove(held);
        }

        private void Resume(int receiveMaximum)
        {
            _flow.Resume(receiveMaximum);
            _receiveMaximum = receiveMaximum;
            foreach (Held held in _publishes.Concat(_pubrels)) (held.IsWaiting, held.IsCharged) = (true, false);
        }

        private void Resend()
        {
            Held? next = NextResend;
            bool isAllowed = next is not null && (next.Stage == Stage.Pubrel || Quota > 0);
            Assert.Equal(isAllowed, _flow.TryNextResend(out InFlightMessage<int> resend));
            if (!isAllowed) return;
            Assert.Equal(View(next!), resend);
            (next!.IsWaiting, next.IsCharged) = (false, next.Stage == Stage.Publish);
        }

        private void Check()
        {
            Assert.Equal(_pubrels.Concat(_publishes).Select(View), _flow.ToList());
            Assert.Equal(_publishes.Count + _pubrels.Count, _flow.InFlight);
            Assert.InRange(Quota, 0, _receiveMaximum);
            Assert.Equal(Quota, _flow.SendQuota);
            Assert.Equal(NextResend is not null, _flow.IsResuming);
            Assert.Equal(Quota > 0 && NextResend is null, _flow.CanSend);
            Assert.All(_reserved, id => Assert.True(_flow.Contains(id)));
        }

        private void AssertUnused(ushort id)
        {
            Assert.NotEqual(0, id);
            Assert.DoesNotContain(id, _reserved);
            Assert.DoesNotContain(_publishes.Concat(_pubrels), held => held.Id == id);
        }

        private AckOutcome Refusal(ushort id) =>
            _reserved.Contains(id) || _publishes.Concat(_pubrels).Any(held => held.Id == id) ? AckOutcome.Mismatch : AckOutcome.Unknown;

        private static InFlightMessage<int> View(Held held) => new(held.Id, held.QoS, held.Stage == Stage.Pubrel, held.Message);
    }
}
