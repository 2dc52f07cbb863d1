package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;

/**
 * The broker of those who have none: devices publish to it by MQTT 3.1.1 (or 3.1) with the token they would show by HTTP. A message is
 * acknowledged when it is safe, not before, and those that come while the disk is busy share its next force. Gateways may listen to what
 * is published in their stream, with QoS 0; nobody else may. Sessions end with their connection: what was not acknowledged is sent
 * again, and lands once.
 */
public final class MqttListener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(MqttListener.class.getName());
    private static final int MOST_LINES = 20_000;
    private static final int LARGEST_MESSAGE = EventLines.LONGEST + (64 << 10);
    private static final int UNTIL_CONNECTED_SECONDS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** So many messages of a line may wait for the disk; then it is not read. */
    private static final int WAITING_OF_LINE = 256;

    /** So much of all lines together. */
    private static final long WAITING_BYTES = 64L << 20;

    private static final int TAKEN_AT_ONCE = 4_096;
    private static final long TAKEN_BYTES = 8L << 20;
    private static final int RETAINED_TOPICS = 10_000;
    private static final long RETAINED_BYTES = 16L << 20;

    /** More than what is retained: who has asked for so much and does not read it is let go. */
    private static final long UNREAD_BYTES = 2 * RETAINED_BYTES;

    private static final Duration GUEST_AGAIN = Duration.ofSeconds(5);

    private final Door door;
    private final long guestAgainNanos;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private final Thread keeper;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicInteger lines = new AtomicInteger();
    private final Map<ClientKey, Line> clients = new ConcurrentHashMap<>();
    private final Set<Line> listeners = ConcurrentHashMap.newKeySet();
    /** Guarded by itself; the topic that was set first goes first. */
    private final Map<Topic, byte[]> retained = new LinkedHashMap<>();

    private long retainedBytes;
    private volatile boolean closing;

    /** Who lets devices in and keeps what they bring. */
    public interface Door {
        /** @throws Problem when whoever shows this may not come in, or not any more */
        Guest enter(String stream, String token);

        /**
         * Takes messages; they are safe when it returns.
         *
         * @throws Problem when nothing of them is
         */
        void take(List<Arrived> messages);
    }

    /** @param mayListen to what others publish in the stream */
    public record Guest(UUID stream, String device, boolean mayListen) {}

    /** A message as it came. */
    public record Arrived(Guest from, String topic, byte[] payload) {}

    private record ClientKey(UUID stream, String device, String client) {}

    private record Topic(UUID stream, String name) {}

    /** @param acknowledge what is answered when it is safe; null when nothing is */
    private record Waiting(
            Line line,
            Arrived message,
            boolean retain,
            @Nullable MqttMessage acknowledge) {}

    private record Will(String topic, byte[] payload, boolean retain) {}

    private MqttListener(int port, Door door, Duration again) throws IOException {
        this.door = door;
        this.guestAgainNanos = again.toNanos();
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        attend(channel);
                    }
                })
                .bind(new InetSocketAddress(port))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        server = bound.channel();
        keeper = Thread.ofPlatform().daemon().name("mqtt-listener-keeper").start(this::keep);
    }

    /** Listens at a port of all addresses; 0 takes a free one. */
    public static MqttListener open(int port, Door door) throws IOException {
        return open(port, door, GUEST_AGAIN);
    }

    /** @param again after so long whoever came in has to show the token again */
    static MqttListener open(int port, Door door, Duration again) throws IOException {
        return new MqttListener(port, door, again);
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        closing = true;
        server.close();
        keeper.interrupt();
        loops.shutdownGracefully(0, PATIENCE.toSeconds(), TimeUnit.SECONDS).awaitUninterruptibly(PATIENCE.toMillis());
        try {
            keeper.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attend(SocketChannel channel) {
        if (lines.incrementAndGet() > MOST_LINES) {
            LOG.log(System.Logger.Level.WARNING, "More than {0} devices are connected; one is refused", MOST_LINES);
            channel.close();
        }
        channel.closeFuture().addListener(closed -> lines.decrementAndGet());
        Line line = new Line(channel);
        channel.pipeline()
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new MqttDecoder(LARGEST_MESSAGE))
                // Who is not let in yet may have sent more already (3.1.4).
                .addLast(new FlowControlHandler())
                .addLast(line);
        channel.eventLoop().schedule(line::closeStranger, UNTIL_CONNECTED_SECONDS, TimeUnit.SECONDS);
    }

    /** Makes safe what waits, then says so, then passes it on. */
    private void keep() {
        while (!closing) {
            try {
                keep(next());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Messages are lost between two lines; devices send them again", e);
            }
        }
    }

    /** As much as may be made safe at once. */
    private List<Waiting> next() throws InterruptedException {
        List<Waiting> batch = new ArrayList<>();
        long bytes = 0;
        for (Waiting each = waiting.take();
                each != null;
                each = batch.size() < TAKEN_AT_ONCE && bytes < TAKEN_BYTES ? waiting.poll() : null) {
            batch.add(each);
            bytes += each.message.payload.length;
        }
        return batch;
    }

    private void keep(List<Waiting> batch) {
        List<Waiting> taken = new ArrayList<>();
        for (Waiting each : batch) {
            if (each.line.isGuest()) {
                taken.add(each);
            } else {
                each.line.done(each, false);
            }
        }
        boolean safe = !taken.isEmpty() && isSafe(taken);
        taken.forEach(each -> each.line.done(each, safe));
        if (safe) {
            taken.forEach(this::passOn);
        }
        batch.stream().map(Waiting::line).distinct().forEach(Line::goOn);
    }

    private boolean isSafe(List<Waiting> taken) {
        try {
            door.take(taken.stream().map(Waiting::message).toList());
            return true;
        } catch (RuntimeException e) {
            // What is not safe is not acknowledged; the lines are cut so that devices come again with it.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The lines of {0} messages are cut: {1}",
                    taken.size(),
                    String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void passOn(Waiting safe) {
        Topic topic = new Topic(safe.message.from.stream, safe.message.topic);
        byte[] payload = safe.message.payload;
        if (safe.retain) {
            retain(topic, payload);
        }
        for (Line listener : listeners) {
            if (listener.listensTo(topic)) {
                if (listener.isGuest()) {
                    listener.hear(topic.name, payload);
                } else {
                    listener.channel.close();
                }
            }
        }
    }

    private void retain(Topic topic, byte[] payload) {
        synchronized (retained) {
            byte[] before = retained.remove(topic);
            retainedBytes -= before == null ? 0 : before.length;
            if (payload.length > 0) {
                retained.put(topic, payload);
                retainedBytes += payload.length;
            }
            var eldest = retained.values().iterator();
            while (retained.size() > RETAINED_TOPICS || retainedBytes > RETAINED_BYTES) {
                retainedBytes -= eldest.next().length;
                eldest.remove();
            }
        }
    }

    /** Whether a topic is one that a filter means (MQTT 3.1.1, 4.7). */
    static boolean matches(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("#") || filter.startsWith("+"))) {
            return false;
        }
        String[] wanted = filter.split("/", -1);
        String[] levels = topic.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return i == wanted.length - 1;
            }
            if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
                return false;
            }
        }
        return wanted.length == levels.length;
    }

    private static boolean isFilter(String filter) {
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            boolean wild = levels[i].contains("#") || levels[i].contains("+");
            if (wild && (levels[i].length() > 1 || levels[i].equals("#") && i < levels.length - 1)) {
                return false;
            }
        }
        return !filter.isEmpty();
    }

    /** One connection; its handlers run on its loop, whatever says otherwise is called by the keeper. */
    private final class Line extends SimpleChannelInboundHandler<MqttMessage> {
        private final Channel channel;
        private final AtomicInteger unsafe = new AtomicInteger();
        private final Set<String> filters = ConcurrentHashMap.newKeySet();
        private volatile @Nullable Guest guest;
        private volatile long guestSince;
        private String stream = "";
        private String token = "";
        private boolean asked;
        private @Nullable ClientKey key;
        private @Nullable Will will;

        Line(Channel channel) {
            this.channel = channel;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            if (message.decoderResult().isFailure()) {
                refuse(message.decoderResult().cause());
                return;
            }
            if (leavesUnread()) {
                channel.close();
                return;
            }
            MqttMessageType type = message.fixedHeader().messageType();
            if (type == MqttMessageType.CONNECT) {
                connect((MqttConnectMessage) message);
            } else if (guest == null) {
                channel.close();
            } else {
                switch (type) {
                    case PUBLISH -> publish((MqttPublishMessage) message);
                    // What was answered with PUBREC is safe; if it should come again it lands once.
                    case PUBREL ->
                        channel.writeAndFlush(answer(
                                MqttMessageType.PUBCOMP,
                                ((MqttMessageIdVariableHeader) message.variableHeader()).messageId()));
                    case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
                    case UNSUBSCRIBE -> {
                        MqttUnsubscribeMessage unsubscribe = (MqttUnsubscribeMessage) message;
                        unsubscribe.payload().topics().forEach(filters::remove);
                        channel.writeAndFlush(answer(
                                MqttMessageType.UNSUBACK,
                                unsubscribe.variableHeader().messageId()));
                    }
                    case PINGREQ -> channel.writeAndFlush(MqttMessage.PINGRESP);
                    case DISCONNECT -> {
                        will = null;
                        channel.close();
                    }
                    default -> channel.close();
                }
            }
        }

        private void connect(MqttConnectMessage message) {
            var header = message.variableHeader();
            if (asked) {
                channel.close();
                return;
            }
            asked = true;
            if (header.version() == MqttVersion.MQTT_5.protocolLevel()) {
                refuse(MqttConnectReturnCode.CONNECTION_REFUSED_UNSUPPORTED_PROTOCOL_VERSION);
                return;
            }
            if (header.isWillFlag() && isTooLong(message.payload().willTopic())) {
                channel.close();
                return;
            }
            String client = message.payload().clientIdentifier();
            if (client.isEmpty() && !header.isCleanSession()) {
                refuse(MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED);
                return;
            }
            stream = header.hasUserName() ? String.valueOf(message.payload().userName()) : "";
            byte[] password = header.hasPassword() ? message.payload().passwordInBytes() : null;
            token = password == null ? "" : new String(password, UTF_8);
            if (header.isWillFlag()) {
                will = new Will(
                        message.payload().willTopic(), message.payload().willMessageInBytes(), header.isWillRetain());
            }
            int patience = header.keepAliveTimeSeconds();
            // Who they are is looked up in a database, and the loop has others to attend to.
            channel.config().setAutoRead(false);
            Thread.ofVirtual().name("mqtt-connect").start(() -> {
                try {
                    Guest entered = door.enter(stream, token);
                    channel.eventLoop().execute(() -> welcome(entered, client, patience));
                } catch (Problem refused) {
                    refuse(MqttConnectReturnCode.CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "A device could not be looked up", e);
                    refuse(MqttConnectReturnCode.CONNECTION_REFUSED_SERVER_UNAVAILABLE);
                }
            });
        }

        private void welcome(Guest entered, String client, int patienceSeconds) {
            if (!channel.isActive()) {
                return;
            }
            if (patienceSeconds > 0) {
                // One and a half times what it promised (3.1.2.10).
                int millis = 1_500 * patienceSeconds;
                channel.pipeline().addFirst(new IdleStateHandler(millis, 0, 0, TimeUnit.MILLISECONDS));
            }
            guestSince = System.nanoTime();
            guest = entered;
            key = new ClientKey(
                    entered.stream,
                    entered.device,
                    client.isEmpty() ? channel.id().asLongText() : client);
            Line before = clients.put(key, this);
            if (before != null) {
                before.channel.close();
            }
            channel.writeAndFlush(MqttMessageBuilders.connAck()
                    .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                    .sessionPresent(false)
                    .build());
            channel.config().setAutoRead(true);
        }

        private void refuse(Throwable unreadable) {
            LOG.log(System.Logger.Level.DEBUG, "A line cannot be understood: {0}", unreadable.getMessage());
            if (unreadable instanceof MqttUnacceptableProtocolVersionException) {
                refuse(MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION);
            } else {
                channel.close();
            }
        }

        private void refuse(MqttConnectReturnCode why) {
            will = null;
            MqttConnAckMessage refusal = MqttMessageBuilders.connAck()
                    .returnCode(why)
                    .sessionPresent(false)
                    .build();
            channel.writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE);
        }

        private void publish(MqttPublishMessage message) {
            if (isTooLong(message.variableHeader().topicName())) {
                LOG.log(System.Logger.Level.WARNING, "The line of a device with a topic of too many characters is cut");
                channel.close();
                return;
            }
            int id = message.variableHeader().packetId();
            byte[] payload = ByteBufUtil.getBytes(message.payload());
            MqttMessage acknowledge = switch (message.fixedHeader().qosLevel()) {
                case AT_LEAST_ONCE -> answer(MqttMessageType.PUBACK, id);
                case EXACTLY_ONCE -> answer(MqttMessageType.PUBREC, id);
                default -> null;
            };
            wait(
                    message.variableHeader().topicName(),
                    payload,
                    message.fixedHeader().isRetain(),
                    acknowledge);
        }

        private void wait(String topic, byte[] payload, boolean retain, @Nullable MqttMessage acknowledge) {
            Guest from = guest;
            if (from == null) {
                return;
            }
            long all = waitingBytes.addAndGet(payload.length);
            if (unsafe.incrementAndGet() >= WAITING_OF_LINE || all > WAITING_BYTES) {
                channel.config().setAutoRead(false);
            }
            waiting.add(new Waiting(this, new Arrived(from, topic, payload), retain, acknowledge));
        }

        private boolean leavesUnread() {
            return channel.bytesBeforeWritable() > UNREAD_BYTES;
        }

        void closeStranger() {
            if (guest == null) {
                channel.close();
            }
        }

        /** Whether the one who came in may still be here: tokens end, devices are removed. */
        boolean isGuest() {
            if (System.nanoTime() - guestSince > guestAgainNanos) {
                try {
                    Guest again = door.enter(stream, token);
                    guestSince = System.nanoTime();
                    guest = again;
                } catch (Problem refused) {
                    return false;
                } catch (RuntimeException unknown) {
                    LOG.log(System.Logger.Level.WARNING, "A device could not be looked up", unknown);
                    return false;
                }
            }
            return true;
        }

        /** A message does not wait any more. The line is cut when it is not safe. */
        void done(Waiting each, boolean safe) {
            waitingBytes.addAndGet(-each.message.payload.length);
            unsafe.decrementAndGet();
            if (!safe) {
                channel.close();
            } else if (each.acknowledge != null) {
                channel.write(each.acknowledge);
            }
        }

        /** Sends the acknowledgements, and reads on when there is room again: whoever had to stop has something waiting. */
        void goOn() {
            channel.flush();
            if (leavesUnread()) {
                channel.close();
            }
            if (unsafe.get() < WAITING_OF_LINE / 2
                    && (waitingBytes.get() <= WAITING_BYTES || unsafe.get() == 0)
                    && !channel.config().isAutoRead()) {
                channel.config().setAutoRead(true);
            }
        }

        private void subscribe(MqttSubscribeMessage message) {
            Guest listener = guest;
            List<Integer> granted = new ArrayList<>();
            List<String> heard = new ArrayList<>();
            for (MqttTopicSubscription wanted : message.payload().topicSubscriptions()) {
                String filter = wanted.topicFilter();
                boolean may = listener != null && listener.mayListen && isFilter(filter);
                granted.add(may ? MqttQoS.AT_MOST_ONCE.value() : MqttQoS.FAILURE.value());
                if (may) {
                    filters.add(filter);
                    heard.add(filter);
                }
            }
            int id = message.variableHeader().messageId();
            channel.writeAndFlush(new MqttSubAckMessage(
                    new MqttFixedHeader(MqttMessageType.SUBACK, false, MqttQoS.AT_MOST_ONCE, false, 0),
                    MqttMessageIdVariableHeader.from(id),
                    new MqttSubAckPayload(granted)));
            if (!heard.isEmpty() && listener != null) {
                listeners.add(this);
                Map<Topic, byte[]> kept;
                synchronized (retained) {
                    kept = new HashMap<>(retained);
                }
                kept.forEach((topic, payload) -> {
                    if (topic.stream.equals(listener.stream)
                            && heard.stream().anyMatch(filter -> matches(filter, topic.name))) {
                        channel.write(published(topic.name, payload, true));
                    }
                });
                channel.flush();
            }
        }

        boolean listensTo(Topic topic) {
            Guest listener = guest;
            return listener != null
                    && listener.mayListen
                    && listener.stream.equals(topic.stream)
                    && filters.stream().anyMatch(filter -> matches(filter, topic.name));
        }

        /** At most once: who does not read what it asked for does not get it. */
        void hear(String topic, byte[] payload) {
            if (channel.isWritable()) {
                channel.writeAndFlush(published(topic, payload, false));
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            // Whom we do not read cannot show that it is there.
            if (event instanceof IdleStateEvent && channel.config().isAutoRead()) {
                channel.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            listeners.remove(this);
            if (key != null) {
                clients.remove(key, this);
            }
            Will last = will;
            if (last != null && !closing) {
                wait(last.topic, last.payload, last.retain, null);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.log(System.Logger.Level.DEBUG, "A line ended: {0}", cause.getMessage());
            channel.close();
        }
    }

    /** Beyond what can be written down. */
    private static boolean isTooLong(String topic) {
        return topic.length() > EventRecord.LONGEST_NAME;
    }

    private static MqttPublishMessage published(String topic, byte[] payload, boolean isRetained) {
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.AT_MOST_ONCE)
                .retained(isRetained)
                .payload(Unpooled.wrappedBuffer(payload))
                .build();
    }

    private static MqttMessage answer(MqttMessageType type, int id) {
        return new MqttMessage(
                new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 2), MqttMessageIdVariableHeader.from(id));
    }
}
