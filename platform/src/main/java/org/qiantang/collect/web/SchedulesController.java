package org.qiantang.collect.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Rhythm;
import org.qiantang.collect.Schedule;
import org.qiantang.collect.Schedules;
import org.qiantang.org.Account;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "schedules", description = "归集计划 · when sources are collected by themselves")
class SchedulesController {
    private final Schedules schedules;

    SchedulesController(Schedules schedules) {
        this.schedules = schedules;
    }

    @GetMapping("/api/sources/{id}/schedule")
    @Operation(summary = "When a source is collected 来源的归集计划")
    SchedulePlan get(@PathVariable UUID id) {
        return SchedulePlan.of(schedules.get(id), schedules.zone());
    }

    @PutMapping("/api/sources/{id}/schedule")
    @Operation(summary = "Set when a source is collected 设置归集计划")
    SchedulePlan set(
            @PathVariable UUID id, @Valid @RequestBody WantedSchedule wanted, @AuthenticationPrincipal Account who) {
        return SchedulePlan.of(schedules.set(id, wanted.schedule(), who.username()), schedules.zone());
    }

    @DeleteMapping("/api/sources/{id}/schedule")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Collect a source only when somebody asks 取消归集计划")
    void remove(@PathVariable UUID id) {
        schedules.remove(id);
    }

    @GetMapping("/api/calendar/{year}")
    @Operation(summary = "Holidays and make-up working days of a year 某年的节假日与调休")
    List<Schedules.CalendarDay> days(@PathVariable int year) {
        return schedules.listDays(year);
    }

    @PutMapping("/api/calendar/{year}")
    @Operation(summary = "Set the holidays and make-up working days of a year 设置某年的节假日与调休")
    List<Schedules.CalendarDay> setDays(@PathVariable int year, @Valid @RequestBody List<WantedDay> days) {
        return schedules.setDays(year, days.stream().map(WantedDay::asDay).toList());
    }

    record WantedDay(
            @NotNull LocalDate day,
            boolean working,
            @NotBlank String name) {
        Schedules.CalendarDay asDay() {
            return new Schedules.CalendarDay(day, working, name);
        }
    }

    /** {@code rhythm}: every 15 minutes · daily 02:30 · weekly MON,THU 02:30 · cron 0 2 1 * * */
    record WantedSchedule(
            @Nullable Boolean enabled,
            @NotBlank String rhythm,
            Schedule.@Nullable Days days,
            @Nullable LocalTime windowFrom,
            @Nullable LocalTime windowTo,
            @Nullable Integer priority,
            @Nullable Integer connections,
            @Nullable Long rowsPerSecond,
            @Nullable String verifyRhythm,
            @Nullable Boolean verifyValues) {
        Schedule schedule() {
            return new Schedule(
                    enabled == null || enabled,
                    Rhythm.of(rhythm),
                    days == null ? Schedule.Days.ALL : days,
                    windowFrom,
                    windowTo,
                    priority == null ? 0 : priority,
                    connections,
                    rowsPerSecond,
                    verifyRhythm == null || verifyRhythm.isBlank()
                            ? null
                            : new Schedule.Verifying(Rhythm.of(verifyRhythm), verifyValues != null && verifyValues));
        }
    }

    record SchedulePlan(
            boolean enabled,
            String rhythm,
            Schedule.Days days,
            @Nullable LocalTime windowFrom,
            @Nullable LocalTime windowTo,
            int priority,
            @Nullable Integer connections,
            @Nullable Long rowsPerSecond,
            @Nullable String verifyRhythm,
            boolean verifyValues,
            String zone,
            List<Instant> nextTimes,
            @Nullable Instant nextVerification,
            @Nullable Instant lastAt,
            @Nullable UUID lastRun,
            boolean lastSkipped,
            Instant changedAt,
            String changedBy) {
        static SchedulePlan of(Schedules.Planned planned, ZoneId zone) {
            Schedule schedule = planned.schedule();
            Schedule.Verifying verify = schedule.verify();
            return new SchedulePlan(
                    schedule.enabled(),
                    schedule.rhythm().toString(),
                    schedule.days(),
                    schedule.windowFrom(),
                    schedule.windowTo(),
                    schedule.priority(),
                    schedule.connections(),
                    schedule.rowsPerSecond(),
                    verify == null ? null : verify.rhythm().toString(),
                    verify != null && verify.values(),
                    zone.getId(),
                    planned.nextTimes(),
                    planned.nextVerification(),
                    planned.lastAt(),
                    planned.lastRun(),
                    planned.lastSkipped(),
                    planned.changedAt(),
                    planned.changedBy());
        }
    }
}
