import { BarChart, GaugeChart, LineChart, PieChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components';
import { use } from 'echarts/core';

/** Only the parts of the charting library that widgets need. */
export const useCharts = (): void =>
  use([
    LineChart,
    BarChart,
    PieChart,
    GaugeChart,
    GridComponent,
    LegendComponent,
    TitleComponent,
    TooltipComponent,
    MarkLineComponent,
    MarkAreaComponent,
    AriaComponent,
  ]);
