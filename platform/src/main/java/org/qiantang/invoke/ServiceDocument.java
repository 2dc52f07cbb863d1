package org.qiantang.invoke;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.DataService.State;
import org.qiantang.invoke.DataService.Version;

/** The description of one version of a service for programs (OpenAPI 3.1). */
public final class ServiceDocument {
    private ServiceDocument() {}

    /** As JSON would have it. */
    public static Map<String, Object> of(Version version) {
        Definition definition = version.definition();
        String path = "/services/" + version.service() + "/v" + version.number();
        Map<String, Object> call = operation(version, "call");
        List<Object> parameters = new ArrayList<>();
        definition.parameters().forEach(each -> parameters.add(parameter(each)));
        parameters.addAll(paging(definition));
        parameters.addAll(headers(definition));
        call.put("parameters", parameters);
        Map<String, Object> responses = new LinkedHashMap<>();
        responses.put("200", answer("一页数据 · a page of rows", page(definition)));
        responses.put("304", Map.of("description", "没有变化 · what If-None-Match names is still the answer"));
        Map<String, String> refusals = new LinkedHashMap<>();
        refusals.put("400", "参数有误 · a parameter is missing or wrong");
        refusals.put("401", "没有有效令牌 · no valid token");
        refusals.put("403", "没有授权 · no grant");
        refusals.put("404", "没有这个服务 · no such service");
        refusals.put("409", "请指明授权 · name the grant");
        refusals.put("410", "已下线 · retired");
        refusals.put("429", "超过频率或当日额度，见 Retry-After · too fast, or the day's quota is used");
        refusals.forEach((status, words) -> responses.put(
                status,
                Map.of(
                        "description",
                        words,
                        "content",
                        Map.of("application/problem+json", Map.of("schema", reference("Problem"))))));
        call.put("responses", responses);
        Map<String, Object> mock = operation(version, "mock");
        mock.put("summary", "示例数据，不是真实数据 · made-up rows");
        mock.put("responses", Map.of("200", answer("虚构的几行 · a few made-up rows", page(definition))));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("title", definition.title());
        info.put("version", "v" + version.number());
        put(info, "description", definition.description());
        document.put("info", info);
        document.put("servers", List.of(Map.of("url", "/")));
        document.put("paths", Map.of(path, Map.of("get", call), path + "/mock", Map.of("get", mock)));
        document.put("components", components(definition));
        document.put("security", List.of(Map.of("client", List.of())));
        return document;
    }

    private static Map<String, Object> operation(Version version, String id) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", id);
        operation.put("summary", version.definition().title());
        if (version.state() == State.DEPRECATED || version.state() == State.RETIRED) {
            operation.put("deprecated", true);
        }
        return operation;
    }

    private static Map<String, Object> parameter(Parameter each) {
        Map<String, Object> schema = new LinkedHashMap<>(
                switch (each.type()) {
                    case TEXT -> Map.of("type", "string");
                    case INTEGER -> Map.of("type", "integer", "format", "int64");
                    case DECIMAL -> Map.of("type", "number");
                    case DATE -> Map.of("type", "string", "format", "date");
                    case TIMESTAMP -> Map.of("type", "string", "format", "date-time");
                    case BOOLEAN -> Map.of("type", "boolean");
                });
        put(schema, "pattern", each.pattern());
        put(schema, "default", each.defaultValue());
        return parameter(each.name(), "query", each.title(), schema, each.required() && each.defaultValue() == null);
    }

    private static List<Object> paging(Definition definition) {
        List<Object> paging = new ArrayList<>();
        Map<String, Object> limit = new LinkedHashMap<>();
        limit.put("type", "integer");
        limit.put("minimum", 1);
        limit.put("maximum", definition.mostRows());
        limit.put("default", definition.pageSize());
        paging.add(parameter("limit", "query", "每页行数 · rows of a page", limit, false));
        Map<String, Object> text = Map.of("type", "string");
        paging.add(parameter("after", "query", "上一页 next 中的值 · where the page before ended", text, false));
        if (!definition.sortable().isEmpty()) {
            String words = "排序：" + String.join(", ", definition.sortable())
                    + "，前加 - 为降序 · fields, - before one for descending";
            paging.add(parameter("sort", "query", words, text, false));
        }
        paging.add(parameter("fields", "query", "只要这些字段，用逗号分隔 · only these fields", text, false));
        paging.add(parameter(
                "format", "query", "json 或 csv", Map.of("type", "string", "enum", List.of("json", "csv")), false));
        return paging;
    }

    private static List<Object> headers(Definition definition) {
        Map<String, Object> text = Map.of("type", "string", "maxLength", 200);
        String words = "非 ASCII 文字按 UTF-8 百分号编码 · percent-encoded UTF-8";
        return List.of(
                parameter("X-Grant", "header", "授权编号；只有一个适用时可省略 · number of the grant", text, false),
                parameter("X-Scenario", "header", "用于什么场景，" + words, text, false),
                parameter("X-Operator", "header", "由谁操作，" + words, text, definition.personal()),
                parameter("X-Case", "header", "用于哪个事项，" + words, text, definition.personal()),
                parameter("If-None-Match", "header", "上次答复的 ETag · the ETag of the last answer", text, false));
    }

    private static Map<String, Object> parameter(
            String name, String in, String description, Map<String, Object> schema, boolean required) {
        Map<String, Object> parameter = new LinkedHashMap<>();
        parameter.put("name", name);
        parameter.put("in", in);
        parameter.put("description", description);
        parameter.put("required", required);
        parameter.put("schema", schema);
        return parameter;
    }

    private static Map<String, Object> answer(String description, Map<String, Object> schema) {
        return Map.of(
                "description",
                description,
                "content",
                Map.of(
                        "application/json", Map.of("schema", schema),
                        "text/csv", Map.of("schema", Map.of("type", "string"))));
    }

    private static Map<String, Object> page(Definition definition) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("service", Map.of("type", "string"));
        properties.put("version", Map.of("type", "string"));
        properties.put("madeUp", Map.of("type", "boolean"));
        properties.put("rows", Map.of("type", "array", "items", reference("Row")));
        properties.put("contestedRows", Map.of("type", "array", "items", Map.of("type", "integer")));
        properties.put("masked", Map.of("type", "array", "items", Map.of("type", "string")));
        properties.put("asOf", Map.of("type", List.of("string", "null"), "format", "date-time"));
        properties.put("grant", Map.of("type", List.of("string", "null")));
        properties.put("cut", Map.of("type", "boolean"));
        properties.put("next", Map.of("type", List.of("string", "null")));
        return Map.of("type", "object", "properties", properties, "required", List.of("service", "version", "rows"));
    }

    private static Map<String, Object> components(Definition definition) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (Definition.Field field : definition.fields()) {
            Map<String, Object> schema = new LinkedHashMap<>(schema(field.type()));
            schema.put("title", field.title());
            row.put(field.name(), schema);
        }
        Map<String, Object> problem = new LinkedHashMap<>();
        for (String name : List.of("type", "title", "detail", "code", "zh", "en", "traceId", "instance")) {
            problem.put(name, Map.of("type", "string"));
        }
        problem.put("status", Map.of("type", "integer"));
        Map<String, Object> client = new LinkedHashMap<>();
        client.put("type", "oauth2");
        client.put("flows", Map.of("clientCredentials", Map.of("tokenUrl", "/oauth2/token", "scopes", Map.of())));
        return Map.of(
                "schemas",
                Map.of(
                        "Row", Map.of("type", "object", "properties", row),
                        "Problem", Map.of("type", "object", "properties", problem)),
                "securitySchemes",
                Map.of("client", client));
    }

    /** What is masked may be a text whatever its field is, and any value may be missing. */
    private static Map<String, Object> schema(String type) {
        return switch (Kind.of(type)) {
            case BOOLEAN -> Map.of("type", List.of("boolean", "string", "null"));
            case INTEGER -> Map.of("type", List.of("integer", "string", "null"));
            case NUMBER -> Map.of("type", List.of("number", "string", "null"));
            case TEXT -> Map.of("type", List.of("string", "null"), "description", type);
        };
    }

    /** How JSON writes a value. What its numbers cannot hold exactly is a text. */
    public enum Kind {
        BOOLEAN,
        INTEGER,
        NUMBER,
        TEXT;

        /** Of a type of the lake's engine. */
        public static Kind of(String type) {
            return switch (type) {
                case "BOOLEAN" -> BOOLEAN;
                case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER" -> INTEGER;
                case "FLOAT", "DOUBLE" -> NUMBER;
                default -> TEXT;
            };
        }
    }

    private static Map<String, Object> reference(String name) {
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private static void put(Map<String, Object> map, String name, @Nullable String value) {
        if (value != null) {
            map.put(name, value);
        }
    }
}
