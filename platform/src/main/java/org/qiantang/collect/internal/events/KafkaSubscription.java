package org.qiantang.collect.internal.events;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * Reads topics of a Kafka cluster from their beginning. How far it has come is kept in the cluster, and moves on only over messages that
 * are safe with us.
 */
public final class KafkaSubscription implements Messages.Subscription {
    private static final System.Logger LOG = System.getLogger(KafkaSubscription.class.getName());
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Cluster cluster;
    private final Messages sink;
    private final Thread reader;
    private volatile @Nullable KafkaConsumer<byte[], byte[]> open;
    private volatile String trouble = "not connected yet";
    private volatile boolean closing;

    /**
     * @param servers {@code host:port,host:port}
     * @param group under whose name the cluster keeps how far we have come
     * @param mechanism by which user name and password are shown
     */
    public record Cluster(
            String servers,
            boolean encrypted,
            String group,
            String mechanism,
            String username,
            String password,
            List<String> topics) {
        public Cluster {
            topics = List.copyOf(topics);
        }

        @Override
        public String toString() {
            return "Cluster[" + servers + "]";
        }

        private Map<String, Object> settings() {
            Map<String, Object> settings = new HashMap<>();
            settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
            if (!username.isEmpty()) {
                settings.put("security.protocol", encrypted ? "SASL_SSL" : "SASL_PLAINTEXT");
                settings.put("sasl.mechanism", mechanism);
                String module = mechanism.startsWith("SCRAM")
                        ? "org.apache.kafka.common.security.scram.ScramLoginModule"
                        : "org.apache.kafka.common.security.plain.PlainLoginModule";
                settings.put(
                        "sasl.jaas.config",
                        module + " required username=" + quoted(username) + " password=" + quoted(password) + ";");
            } else if (encrypted) {
                settings.put("security.protocol", "SSL");
            }
            return settings;
        }

        private static String quoted(String text) {
            return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
    }

    private KafkaSubscription(Cluster cluster, Messages sink) {
        this.cluster = cluster;
        this.sink = sink;
        this.reader = Thread.ofPlatform().daemon().name("kafka-reader").start(this::read);
    }

    /** Returns at once; the cluster is looked for for as long as the subscription is open. */
    public static KafkaSubscription open(Cluster cluster, Messages sink) {
        return new KafkaSubscription(cluster, sink);
    }

    /**
     * Looks whether the cluster answers and has the topics.
     *
     * @return topics that it does not have
     * @throws Problem {@code collect.source_unreachable} or {@code collect.sign_in_refused}
     */
    public static List<String> test(Cluster cluster) {
        Map<String, Object> settings = cluster.settings();
        settings.put("request.timeout.ms", (int) PATIENCE.toMillis());
        settings.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
        try (Admin admin = Admin.create(settings)) {
            Set<String> there = admin.listTopics().names().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            Set<String> missing = new TreeSet<>(cluster.topics());
            missing.removeAll(there);
            return List.copyOf(missing);
        } catch (ExecutionException e) {
            boolean refused = e.getCause() instanceof AuthenticationException;
            throw new Problem(
                    refused ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.SOURCE_UNREACHABLE,
                    "reason",
                    String.valueOf(e.getMessage()));
        } catch (KafkaException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", String.valueOf(e.getMessage()));
        } catch (TimeoutException e) {
            throw new Problem(
                    CollectProblem.SOURCE_UNREACHABLE, "reason", "no answer within " + PATIENCE.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "interrupted");
        }
    }

    @Override
    public String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        closing = true;
        KafkaConsumer<byte[], byte[]> consumer = open;
        if (consumer != null) {
            consumer.wakeup();
        }
        try {
            if (!reader.join(PATIENCE)) {
                reader.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        while (!closing) {
            Map<String, Object> settings = cluster.settings();
            settings.put(ConsumerConfig.GROUP_ID_CONFIG, cluster.group());
            settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
            settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                open = consumer;
                consumer.subscribe(cluster.topics());
                while (!closing) {
                    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                    if (!consumer.assignment().isEmpty()) {
                        trouble = "";
                    }
                    if (!records.isEmpty()) {
                        keep(records);
                        consumer.commitSync();
                    }
                }
            } catch (CommitFailedException e) {
                // Somebody else reads these partitions now; what we kept twice lands once.
                LOG.log(System.Logger.Level.DEBUG, "The group has changed", e);
            } catch (WakeupException e) {
                // closing
            } catch (InterruptException | InterruptedException e) {
                return;
            } catch (KafkaException e) {
                trouble = String.valueOf(e.getMessage());
                LOG.log(System.Logger.Level.WARNING, "Kafka at " + cluster.servers() + ": " + e.getMessage());
                pause();
            }
        }
    }

    private void keep(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
        List<Messages.Message> messages = new ArrayList<>(records.count());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            byte[] value = record.value();
            messages.add(new Messages.Message(
                    record.topic(),
                    record.topic() + "/" + record.partition() + "/" + record.offset(),
                    value == null ? new byte[0] : value));
        }
        sink.insist(messages, why -> trouble = why, () -> closing);
    }

    private void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(Messages.AGAIN.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
