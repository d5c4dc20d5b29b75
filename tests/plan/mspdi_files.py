"""Small projects in the form in which three programs write them, with the dates that follow by hand as Start and Finish.

The structure is that of their files: which elements stand where, and what they leave out. The content was written for these
tests.
"""

from __future__ import annotations

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def week(hours: str = "08:00-12:00 13:00-17:00", closed: tuple[int, ...] = (1, 7)) -> str:
    """The seven days of a calendar."""
    times = ""
    for pair in hours.split():
        begin, end = pair.split("-")
        times += f"<WorkingTime><FromTime>{begin}:00</FromTime><ToTime>{end}:00</ToTime></WorkingTime>"
    days = ""
    for kind in range(1, 8):
        is_open = kind not in closed
        content = f"<WorkingTimes>{times}</WorkingTimes>" if is_open else ""
        days += f"<WeekDay><DayType>{kind}</DayType><DayWorking>{int(is_open)}</DayWorking>{content}</WeekDay>"
    return days


#: MS Project 2016: a summary of the project with UID 0, a blank resource with UID 0, unassigned work, holidays in the old and
#: in the new form, a calendar for each resource, elements of later versions.
MS_PROJECT = f"""{HEAD}<Project xmlns="http://schemas.microsoft.com/project">
<SaveVersion>14</SaveVersion><UID>5</UID><Name>bridge.xml</Name><Title>Bridge</Title><ScheduleFromStart>1</ScheduleFromStart>
<StartDate>2026-03-30T08:00:00</StartDate><FinishDate>2026-04-16T12:00:00</FinishDate><CalendarUID>1</CalendarUID>
<DefaultStartTime>08:00:00</DefaultStartTime><DefaultFinishTime>17:00:00</DefaultFinishTime>
<MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2400</MinutesPerWeek><DaysPerMonth>20</DaysPerMonth>
<CurrentDate>2026-03-20T08:00:00</CurrentDate><StatusDate>NA</StatusDate>
<OutlineCodes/><WBSMasks/><ExtendedAttributes/>
<Calendars>
<Calendar><UID>1</UID><GUID>A0</GUID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>
<IsBaselineCalendar>0</IsBaselineCalendar>
<BaseCalendarUID>0</BaseCalendarUID><WeekDays>{week()}
<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod><FromDate>2026-04-03T00:00:00</FromDate>
<ToDate>2026-04-06T23:59:00</ToDate></TimePeriod></WeekDay></WeekDays>
<Exceptions><Exception><EnteredByOccurrences>0</EnteredByOccurrences><TimePeriod><FromDate>2026-04-03T00:00:00</FromDate>
<ToDate>2026-04-06T23:59:00</ToDate></TimePeriod><Occurrences>4</Occurrences><Name>Easter</Name><Type>1</Type>
<DayWorking>0</DayWorking></Exception></Exceptions></Calendar>
<Calendar><UID>3</UID><GUID>A1</GUID><Name>Crew</Name><IsBaseCalendar>0</IsBaseCalendar>
<IsBaselineCalendar>0</IsBaselineCalendar>
<BaseCalendarUID>1</BaseCalendarUID></Calendar>
<Calendar><UID>4</UID><GUID>A2</GUID><Name>Crane</Name><IsBaseCalendar>0</IsBaseCalendar>
<IsBaselineCalendar>0</IsBaselineCalendar>
<BaseCalendarUID>1</BaseCalendarUID><WeekDays><WeekDay><DayType>2</DayType><DayWorking>0</DayWorking></WeekDay></WeekDays>
</Calendar>
</Calendars>
<Tasks>
<Task><UID>0</UID><ID>0</ID><Name>Bridge</Name><Active>1</Active><Manual>0</Manual><Type>1</Type><IsNull>0</IsNull>
<WBS>0</WBS>
<OutlineNumber>0</OutlineNumber><OutlineLevel>0</OutlineLevel><Duration>PT84H0M0S</Duration><Summary>1</Summary></Task>
<Task><UID>1</UID><ID>1</ID><Name>Foundation</Name><Active>1</Active><Type>1</Type><IsNull>0</IsNull>
<OutlineNumber>1</OutlineNumber>
<OutlineLevel>1</OutlineLevel><Duration>PT52H0M0S</Duration><Summary>1</Summary><ConstraintType>0</ConstraintType></Task>
<Task><UID>2</UID><ID>2</ID><Name>Dig</Name><Active>1</Active><Type>0</Type><IsNull>0</IsNull>
<OutlineNumber>1.1</OutlineNumber>
<OutlineLevel>2</OutlineLevel><Start>2026-03-30T08:00:00</Start><Finish>2026-04-02T12:00:00</Finish>
<Duration>PT28H0M0S</Duration>
<DurationFormat>7</DurationFormat><Milestone>0</Milestone><Summary>0</Summary><PercentComplete>0</PercentComplete>
<RemainingDuration>PT28H0M0S</RemainingDuration><ConstraintType>0</ConstraintType><CalendarUID>-1</CalendarUID></Task>
<Task><UID>3</UID><ID>3</ID><IsNull>1</IsNull></Task>
<Task><UID>4</UID><ID>4</ID><Name>Pour</Name><Active>1</Active><Type>0</Type><IsNull>0</IsNull>
<OutlineNumber>1.2</OutlineNumber>
<OutlineLevel>2</OutlineLevel><Start>2026-04-02T13:00:00</Start><Finish>2026-04-07T12:00:00</Finish>
<Duration>PT8H0M0S</Duration>
<DurationFormat>7</DurationFormat><Milestone>0</Milestone><Summary>0</Summary><ConstraintType>0</ConstraintType>
<CalendarUID>-1</CalendarUID><PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type><CrossProject>0</CrossProject>
<LinkLag>0</LinkLag><LagFormat>7</LagFormat></PredecessorLink></Task>
<Task><UID>5</UID><ID>5</ID><Name>Cancelled</Name><Active>0</Active><IsNull>0</IsNull><OutlineNumber>2</OutlineNumber>
<OutlineLevel>1</OutlineLevel><Duration>PT80H0M0S</Duration><Summary>0</Summary></Task>
<Task><UID>6</UID><ID>6</ID><Name>Pour</Name><Active>1</Active><Type>0</Type><IsNull>0</IsNull>
<OutlineNumber>3</OutlineNumber>
<OutlineLevel>1</OutlineLevel><Start>2026-04-09T13:00:00</Start><Finish>2026-04-13T12:00:00</Finish>
<Duration>PT16H0M0S</Duration>
<DurationFormat>7</DurationFormat><Milestone>0</Milestone><Summary>0</Summary><ConstraintType>4</ConstraintType>
<CalendarUID>-1</CalendarUID><ConstraintDate>2026-04-09T13:00:00</ConstraintDate><Deadline>2026-04-10T17:00:00</Deadline>
<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type><LinkLag>4800</LinkLag><LagFormat>7</LagFormat>
</PredecessorLink>
<PredecessorLink><PredecessorUID>5</PredecessorUID><Type>1</Type><LinkLag>0</LinkLag><LagFormat>7</LagFormat>
</PredecessorLink></Task>
<Task><UID>7</UID><ID>7</ID><Name>Done</Name><Active>1</Active><Type>0</Type><IsNull>0</IsNull>
<OutlineNumber>4</OutlineNumber>
<OutlineLevel>1</OutlineLevel><Start>2026-04-16T12:00:00</Start><Finish>2026-04-16T12:00:00</Finish>
<Duration>PT0H0M0S</Duration>
<Milestone>1</Milestone><Summary>0</Summary><ConstraintType>0</ConstraintType><PredecessorLink>
<PredecessorUID>6</PredecessorUID>
<Type>1</Type><LinkLag>43200</LinkLag><LagFormat>8</LagFormat></PredecessorLink></Task>
</Tasks>
<Resources>
<Resource><UID>0</UID><ID>0</ID><Type>1</Type><IsNull>0</IsNull><MaxUnits>1.00</MaxUnits><CalendarUID>2</CalendarUID>
</Resource>
<Resource><UID>1</UID><ID>1</ID><Name>Crew</Name><Type>1</Type><IsNull>0</IsNull><MaxUnits>2.00</MaxUnits>
<CalendarUID>3</CalendarUID>
<AvailabilityPeriods><AvailabilityPeriod><AvailableFrom>1984-01-01T00:00:00</AvailableFrom>
<AvailableTo>2049-12-31T23:59:00</AvailableTo><AvailableUnits>2.00</AvailableUnits></AvailabilityPeriod>
</AvailabilityPeriods></Resource>
<Resource><UID>2</UID><ID>2</ID><Name>Crane</Name><Type>1</Type><IsNull>0</IsNull><MaxUnits>1.00</MaxUnits>
<CalendarUID>4</CalendarUID></Resource>
<Resource><UID>3</UID><ID>3</ID><Name>Concrete</Name><Type>0</Type><IsNull>0</IsNull><MaxUnits>0.00</MaxUnits></Resource>
</Resources>
<Assignments>
<Assignment><UID>1</UID><TaskUID>2</TaskUID><ResourceUID>1</ResourceUID><Units>2</Units></Assignment>
<Assignment><UID>2</UID><TaskUID>4</TaskUID><ResourceUID>2</ResourceUID><Units>1</Units></Assignment>
<Assignment><UID>3</UID><TaskUID>4</TaskUID><ResourceUID>3</ResourceUID><Units>12</Units></Assignment>
<Assignment><UID>4</UID><TaskUID>6</TaskUID><ResourceUID>-65535</ResourceUID><Units>1</Units></Assignment>
</Assignments></Project>
"""

#: ProjectLibre: no Summary, no Active, no OutlineNumber, units of one half, dates without anything else.
PROJECT_LIBRE = f"""{HEAD}<Project xmlns="http://schemas.microsoft.com/project">
<Name>Refit</Name><Title>Refit</Title><Manager></Manager><ScheduleFromStart>1</ScheduleFromStart>
<StartDate>2026-06-01T08:00:00</StartDate>
<CalendarUID>1</CalendarUID><MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2400</MinutesPerWeek>
<Calendars>
<Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar><WeekDays>{week()}</WeekDays></Calendar>
<Calendar><UID>2</UID><Name>24 Hours</Name><IsBaseCalendar>1</IsBaseCalendar><WeekDays>{
    week("00:00-00:00", ())
}</WeekDays></Calendar>
<Calendar><UID>3</UID><Name>Night Shift</Name><IsBaseCalendar>1</IsBaseCalendar><WeekDays>
<WeekDay><DayType>1</DayType><DayWorking>0</DayWorking></WeekDay>
<WeekDay><DayType>2</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>23:00:00</FromTime>
<ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>
{
    "".join(
        f'''<WeekDay><DayType>{k}</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>00:00:00</FromTime>
<ToTime>03:00:00</ToTime></WorkingTime><WorkingTime><FromTime>04:00:00</FromTime><ToTime>08:00:00</ToTime></WorkingTime>
<WorkingTime>
<FromTime>23:00:00</FromTime><ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>'''
        for k in range(3, 7)
    )
}
<WeekDay><DayType>7</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>00:00:00</FromTime>
<ToTime>03:00:00</ToTime>
</WorkingTime><WorkingTime><FromTime>04:00:00</FromTime><ToTime>08:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>
</WeekDays></Calendar>
</Calendars>
<Tasks>
<Task><UID>1</UID><ID>1</ID><Name>Strip; clean</Name><Type>0</Type><OutlineLevel>1</OutlineLevel>
<Start>2026-06-01T08:00:00</Start>
<Finish>2026-06-02T12:00:00</Finish><Duration>PT12H0M0S</Duration><DurationFormat>7</DurationFormat></Task>
<Task><UID>2</UID><ID>2</ID><Name>Paint by night</Name><Type>0</Type><OutlineLevel>1</OutlineLevel>
<Start>2026-06-02T23:00:00</Start>
<Finish>2026-06-04T02:00:00</Finish><Duration>PT11H0M0S</Duration><DurationFormat>7</DurationFormat>
<CalendarUID>3</CalendarUID>
<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type><LinkLag>0</LinkLag><LagFormat>7</LagFormat>
</PredecessorLink></Task>
<Task><UID>3</UID><ID>3</ID><Name>Dry</Name><Type>0</Type><OutlineLevel>1</OutlineLevel><Start>2026-06-04T02:00:00</Start>
<Finish>2026-06-06T02:00:00</Finish><Duration>PT48H0M0S</Duration><DurationFormat>8</DurationFormat>
<PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type></PredecessorLink></Task>
<Task><UID>4</UID><ID>4</ID><Name>Inspect</Name><Type>0</Type><OutlineLevel>1</OutlineLevel><Start>2026-06-01T13:00:00</Start>
<Finish>2026-06-01T15:30:00</Finish><Duration>PT2H30M0S</Duration><DurationFormat>5</DurationFormat>
<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>3</Type><LinkLag>2400</LinkLag><LagFormat>5</LagFormat>
</PredecessorLink></Task>
</Tasks>
<Resources><Resource><UID>1</UID><ID>1</ID><Name>Painter</Name><Type>1</Type><MaxUnits>1.5</MaxUnits></Resource></Resources>
<Assignments><Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>1</ResourceUID><Units>0.5</Units></Assignment>
</Assignments>
</Project>
"""

#: GanttProject: calendars without names, days off of a person as exceptions of the derived calendar, tasks of whole days, a
#: summary that only the levels show.
GANTT_PROJECT = f"""{HEAD}<Project xmlns="http://schemas.microsoft.com/project">
<Name>Course</Name><StartDate>2026-09-07T08:00:00</StartDate><CalendarUID>1</CalendarUID><MinutesPerDay>480</MinutesPerDay>
<MinutesPerWeek>2400</MinutesPerWeek>
<Calendars>
<Calendar><UID>1</UID><Name></Name><IsBaseCalendar>1</IsBaseCalendar><BaseCalendarUID>-1</BaseCalendarUID><WeekDays>{week()}
<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod><FromDate>2026-09-09T00:00:00</FromDate>
<ToDate>2026-09-09T23:59:00</ToDate></TimePeriod></WeekDay></WeekDays></Calendar>
<Calendar><UID>2</UID><Name></Name><IsBaseCalendar>0</IsBaseCalendar><BaseCalendarUID>1</BaseCalendarUID><WeekDays>
<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod><FromDate>2026-09-14T00:00:00</FromDate>
<ToDate>2026-09-15T23:59:00</ToDate></TimePeriod></WeekDay></WeekDays></Calendar>
</Calendars>
<Tasks>
<Task><UID>1</UID><ID>1</ID><Name>Material</Name><OutlineLevel>1</OutlineLevel><Duration>PT40H0M0S</Duration></Task>
<Task><UID>2</UID><ID>2</ID><Name>Write</Name><OutlineLevel>2</OutlineLevel><Start>2026-09-07T08:00:00</Start>
<Finish>2026-09-10T17:00:00</Finish><Duration>PT24H0M0S</Duration><DurationFormat>7</DurationFormat></Task>
<Task><UID>3</UID><ID>3</ID><Name>Draw</Name><OutlineLevel>2</OutlineLevel><Start>2026-09-10T08:00:00</Start>
<Finish>2026-09-16T17:00:00</Finish><Duration>PT24H0M0S</Duration><DurationFormat>7</DurationFormat>
<PredecessorLink><PredecessorUID>2</PredecessorUID><Type>1</Type><LinkLag>-4800</LinkLag><LagFormat>7</LagFormat>
</PredecessorLink></Task>
<Task><UID>4</UID><ID>4</ID><Name>Teach</Name><OutlineLevel>1</OutlineLevel><Start>2026-09-17T08:00:00</Start>
<Finish>2026-09-17T17:00:00</Finish><Duration>PT8H0M0S</Duration><DurationFormat>7</DurationFormat>
<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type><LinkLag>0</LinkLag></PredecessorLink></Task>
</Tasks>
<Resources><Resource><UID>1</UID><ID>1</ID><Name>Ann</Name><Type>1</Type><CalendarUID>2</CalendarUID></Resource></Resources>
<Assignments><Assignment><UID>1</UID><TaskUID>3</TaskUID><ResourceUID>1</ResourceUID><Units>1.0</Units></Assignment>
</Assignments>
</Project>
"""

FILES = {"MS Project": MS_PROJECT, "ProjectLibre": PROJECT_LIBRE, "GanttProject": GANTT_PROJECT}
