package org.qiantang.flight;

import static com.google.protobuf.Any.pack;
import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.CloseSessionRequest;
import org.apache.arrow.flight.CloseSessionResult;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightEndpoint;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightServerMiddleware;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.Result;
import org.apache.arrow.flight.SchemaResult;
import org.apache.arrow.flight.ServerHeaderMiddleware;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.sql.NoOpFlightSqlProducer;
import org.apache.arrow.flight.sql.SqlInfoBuilder;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionClosePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementRequest;
import org.apache.arrow.flight.sql.impl.FlightSql.ActionCreatePreparedStatementResult;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCatalogs;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetCrossReference;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetDbSchemas;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetExportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetImportedKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetPrimaryKeys;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetSqlInfo;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTableTypes;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandGetTables;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandPreparedStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementIngest;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementQuery;
import org.apache.arrow.flight.sql.impl.FlightSql.CommandStatementUpdate;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedCaseSensitivity;
import org.apache.arrow.flight.sql.impl.FlightSql.SqlSupportedTransaction;
import org.apache.arrow.flight.sql.impl.FlightSql.TicketStatementQuery;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.qiantang.flight.Session.Prepared;
import org.qiantang.flight.Session.TableSeen;

/** What a tool can ask of the lake, in the words of Flight SQL: its tables, and one SELECT at a time. Nothing can be written. */
final class LakeProducer extends NoOpFlightSqlProducer {
    static final FlightServerMiddleware.Key<ServerHeaderMiddleware> HEADERS =
            FlightServerMiddleware.Key.of("qiantang-headers");
    private static final String TABLE = "TABLE";
    private static final long ENDING_SECONDS = 5;

    private final BufferAllocator memory;
    private final Sessions sessions;
    private final SqlInfoBuilder about;
    private final ExecutorService streams = Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("flight-stream-", 1).factory());

    LakeProducer(BufferAllocator memory, Sessions sessions) {
        this.memory = memory;
        this.sessions = sessions;
        this.about = new SqlInfoBuilder()
                .withFlightSqlServerName("Qiantang 钱塘")
                .withFlightSqlServerVersion("1")
                .withFlightSqlServerArrowVersion("18.3.0")
                .withFlightSqlServerReadOnly(true)
                .withFlightSqlServerSql(true)
                .withFlightSqlServerSubstrait(false)
                .withFlightSqlServerCancel(true)
                .withFlightSqlServerBulkIngestion(false)
                .withFlightSqlServerTransaction(SqlSupportedTransaction.SQL_SUPPORTED_TRANSACTION_NONE)
                .withSqlTransactionsSupported(false)
                .withSqlIdentifierQuoteChar("\"")
                .withSqlIdentifierCase(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_CASE_INSENSITIVE)
                .withSqlQuotedIdentifierCase(SqlSupportedCaseSensitivity.SQL_CASE_SENSITIVITY_CASE_INSENSITIVE)
                .withSqlAllTablesAreSelectable(true)
                .withSqlDdlCatalog(false)
                .withSqlDdlSchema(false)
                .withSqlDdlTable(false);
    }

    private Session session(CallContext context) {
        return sessions.get(context.peerIdentity());
    }

    private static Asked asked(CallContext context) {
        return Asked.of(requireNonNull(context.getMiddleware(HEADERS), "a call has headers")
                .headers());
    }

    // ---- one statement

    @Override
    public FlightInfo getFlightInfoStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        Prepared prepared = session(context).prepare(command.getQuery(), asked(context), memory);
        return info(
                TicketStatementQuery.newBuilder()
                        .setStatementHandle(prepared.handle())
                        .build(),
                prepared.schema(),
                descriptor);
    }

    @Override
    public SchemaResult getSchemaStatement(
            CommandStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        return new SchemaResult(session(context).columns(command.getQuery(), asked(context), memory));
    }

    @Override
    public void getStreamStatement(TicketStatementQuery ticket, CallContext context, ServerStreamListener listener) {
        Session session = session(context);
        stream(session, session.redeem(ticket.getStatementHandle()), asked(context), listener);
    }

    @Override
    public void createPreparedStatement(
            ActionCreatePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        answer(listener, () -> {
            Prepared prepared = session(context).prepare(request.getQuery(), asked(context), memory);
            ActionCreatePreparedStatementResult created = ActionCreatePreparedStatementResult.newBuilder()
                    .setPreparedStatementHandle(prepared.handle())
                    .setDatasetSchema(ByteString.copyFrom(prepared.schema().serializeAsMessage()))
                    .build();
            listener.onNext(new Result(pack(created).toByteArray()));
        });
    }

    @Override
    public void closePreparedStatement(
            ActionClosePreparedStatementRequest request, CallContext context, StreamListener<Result> listener) {
        answer(listener, () -> session(context).forget(request.getPreparedStatementHandle()));
    }

    @Override
    public FlightInfo getFlightInfoPreparedStatement(
            CommandPreparedStatementQuery command, CallContext context, FlightDescriptor descriptor) {
        return info(
                command,
                session(context).prepared(command.getPreparedStatementHandle()).schema(),
                descriptor);
    }

    @Override
    public void getStreamPreparedStatement(
            CommandPreparedStatementQuery command, CallContext context, ServerStreamListener listener) {
        Session session = session(context);
        stream(session, session.prepared(command.getPreparedStatementHandle()), asked(context), listener);
    }

    /** On a thread of its own, for the call's own has to hear when the tool wants no more. */
    private void stream(Session session, Prepared prepared, Asked asked, ServerStreamListener listener) {
        AnswerStream stream = new AnswerStream(session, prepared, asked, memory, listener);
        streams.execute(stream::run);
    }

    // ---- what cannot be done

    @Override
    public Runnable acceptPutPreparedStatementQuery(
            CommandPreparedStatementQuery command,
            CallContext context,
            FlightStream parameters,
            StreamListener<PutResult> answer) {
        return refused(
                answer,
                "无法使用参数：这里的语句不支持“?”参数，请把值写进语句。",
                "Cannot bind parameters: statements here have none. Write the values into the statement.",
                context);
    }

    @Override
    public Runnable acceptPutStatement(
            CommandStatementUpdate command, CallContext context, FlightStream rows, StreamListener<PutResult> answer) {
        return readOnly(answer, context);
    }

    @Override
    public Runnable acceptPutPreparedStatementUpdate(
            CommandPreparedStatementUpdate command,
            CallContext context,
            FlightStream rows,
            StreamListener<PutResult> answer) {
        return readOnly(answer, context);
    }

    @Override
    public Runnable acceptPutStatementBulkIngest(
            CommandStatementIngest command, CallContext context, FlightStream rows, StreamListener<PutResult> answer) {
        return readOnly(answer, context);
    }

    private static Runnable readOnly(StreamListener<PutResult> answer, CallContext context) {
        return refused(
                answer, "无法执行：这里只能运行一条只读的 SELECT。", "Cannot do this: only one read-only SELECT may run here.", context);
    }

    private static Runnable refused(StreamListener<PutResult> answer, String zh, String en, CallContext context) {
        boolean chinese = Asked.language(requireNonNull(context.getMiddleware(HEADERS), "a call has headers")
                        .headers())
                .startsWith("zh");
        return () -> answer.onError(
                CallStatus.INVALID_ARGUMENT.withDescription(chinese ? zh : en).toRuntimeException());
    }

    // ---- what there is

    @Override
    public FlightInfo getFlightInfoCatalogs(
            CommandGetCatalogs command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_CATALOGS_SCHEMA, descriptor);
    }

    @Override
    public void getStreamCatalogs(CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_CATALOGS_SCHEMA, listener, root -> root.setRowCount(0));
    }

    @Override
    public FlightInfo getFlightInfoSchemas(
            CommandGetDbSchemas command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_SCHEMAS_SCHEMA, descriptor);
    }

    @Override
    public void getStreamSchemas(CommandGetDbSchemas command, CallContext context, ServerStreamListener listener) {
        Predicate<String> wanted = like(command.hasDbSchemaFilterPattern() ? command.getDbSchemaFilterPattern() : null);
        List<String> schemas =
                session(context).tables(asked(context), wanted, any -> true, Session.Columns.NONE).stream()
                        .map(TableSeen::schema)
                        .distinct()
                        .toList();
        send(Schemas.GET_SCHEMAS_SCHEMA, listener, root -> {
            VarCharVector names = (VarCharVector) root.getVector("db_schema_name");
            for (int i = 0; i < schemas.size(); i++) {
                put(names, i, schemas.get(i));
            }
            root.setRowCount(schemas.size());
        });
    }

    @Override
    public FlightInfo getFlightInfoTables(CommandGetTables command, CallContext context, FlightDescriptor descriptor) {
        return info(command, shape(command), descriptor);
    }

    private static Schema shape(CommandGetTables command) {
        return command.getIncludeSchema() ? Schemas.GET_TABLES_SCHEMA : Schemas.GET_TABLES_SCHEMA_NO_SCHEMA;
    }

    @Override
    public void getStreamTables(CommandGetTables command, CallContext context, ServerStreamListener listener) {
        boolean ofUs =
                command.getTableTypesCount() == 0 || command.getTableTypesList().contains(TABLE);
        List<TableSeen> tables = ofUs
                ? session(context)
                        .tables(
                                asked(context),
                                like(command.hasDbSchemaFilterPattern() ? command.getDbSchemaFilterPattern() : null),
                                like(command.hasTableNameFilterPattern() ? command.getTableNameFilterPattern() : null),
                                command.getIncludeSchema() ? Session.Columns.all(memory) : Session.Columns.NONE)
                : List.of();
        send(shape(command), listener, root -> {
            VarCharVector schemas = (VarCharVector) root.getVector("db_schema_name");
            VarCharVector names = (VarCharVector) root.getVector("table_name");
            VarCharVector types = (VarCharVector) root.getVector("table_type");
            VarBinaryVector columns = (VarBinaryVector) root.getVector("table_schema");
            for (int i = 0; i < tables.size(); i++) {
                put(schemas, i, tables.get(i).schema());
                put(names, i, tables.get(i).name());
                put(types, i, TABLE);
                Schema shown = tables.get(i).columns();
                if (shown != null) {
                    columns.setSafe(i, shown.serializeAsMessage());
                }
            }
            root.setRowCount(tables.size());
        });
    }

    @Override
    public FlightInfo getFlightInfoTableTypes(
            CommandGetTableTypes command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_TABLE_TYPES_SCHEMA, descriptor);
    }

    @Override
    public void getStreamTableTypes(CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_TABLE_TYPES_SCHEMA, listener, root -> {
            put((VarCharVector) root.getVector("table_type"), 0, TABLE);
            root.setRowCount(1);
        });
    }

    @Override
    public FlightInfo getFlightInfoPrimaryKeys(
            CommandGetPrimaryKeys command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_PRIMARY_KEYS_SCHEMA, descriptor);
    }

    @Override
    public void getStreamPrimaryKeys(
            CommandGetPrimaryKeys command, CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_PRIMARY_KEYS_SCHEMA, listener, root -> root.setRowCount(0));
    }

    @Override
    public FlightInfo getFlightInfoExportedKeys(
            CommandGetExportedKeys command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_EXPORTED_KEYS_SCHEMA, descriptor);
    }

    @Override
    public void getStreamExportedKeys(
            CommandGetExportedKeys command, CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_EXPORTED_KEYS_SCHEMA, listener, root -> root.setRowCount(0));
    }

    @Override
    public FlightInfo getFlightInfoImportedKeys(
            CommandGetImportedKeys command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_IMPORTED_KEYS_SCHEMA, descriptor);
    }

    @Override
    public void getStreamImportedKeys(
            CommandGetImportedKeys command, CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_IMPORTED_KEYS_SCHEMA, listener, root -> root.setRowCount(0));
    }

    @Override
    public FlightInfo getFlightInfoCrossReference(
            CommandGetCrossReference command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_CROSS_REFERENCE_SCHEMA, descriptor);
    }

    @Override
    public void getStreamCrossReference(
            CommandGetCrossReference command, CallContext context, ServerStreamListener listener) {
        send(Schemas.GET_CROSS_REFERENCE_SCHEMA, listener, root -> root.setRowCount(0));
    }

    @Override
    public FlightInfo getFlightInfoSqlInfo(
            CommandGetSqlInfo command, CallContext context, FlightDescriptor descriptor) {
        return info(command, Schemas.GET_SQL_INFO_SCHEMA, descriptor);
    }

    @Override
    public void getStreamSqlInfo(CommandGetSqlInfo command, CallContext context, ServerStreamListener listener) {
        about.send(command.getInfoList(), listener);
    }

    @Override
    public void closeSession(
            CloseSessionRequest request, CallContext context, StreamListener<CloseSessionResult> listener) {
        sessions.end(context.peerIdentity());
        listener.onNext(new CloseSessionResult(CloseSessionResult.Status.CLOSED));
        listener.onCompleted();
    }

    @Override
    public void close() {
        streams.shutdownNow();
        try {
            if (!streams.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS)) {
                System.getLogger(LakeProducer.class.getName())
                        .log(System.Logger.Level.WARNING, "Answers were under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- how it is said

    private static FlightInfo info(Message command, Schema schema, FlightDescriptor descriptor) {
        Ticket ticket = new Ticket(pack(command).toByteArray());
        return new FlightInfo(schema, descriptor, List.of(new FlightEndpoint(ticket)), -1, -1);
    }

    private interface Filling {
        void fill(VectorSchemaRoot root);
    }

    private void send(Schema schema, ServerStreamListener listener, Filling filling) {
        try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, memory)) {
            root.allocateNew();
            filling.fill(root);
            listener.start(root);
            listener.putNext();
            listener.completed();
        }
    }

    private interface Answering {
        void answer();
    }

    private static void answer(StreamListener<Result> listener, Answering answering) {
        try {
            answering.answer();
            listener.onCompleted();
        } catch (FlightRuntimeException e) {
            listener.onError(e);
        }
    }

    private static void put(VarCharVector vector, int row, String value) {
        vector.setSafe(row, value.getBytes(StandardCharsets.UTF_8));
    }

    /** As SQL's LIKE understands a pattern; everything where there is none. */
    static Predicate<String> like(@Nullable String pattern) {
        if (pattern == null || pattern.isEmpty()) {
            return any -> true;
        }
        String regex = pattern.codePoints()
                .mapToObj(character -> switch (character) {
                    case '%' -> ".*";
                    case '_' -> ".";
                    default -> Pattern.quote(Character.toString(character));
                })
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL).asMatchPredicate();
    }
}
